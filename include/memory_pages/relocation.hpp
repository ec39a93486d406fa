// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Which objects a move of their bytes, or of their pages, keeps valid.

#include <type_traits>

namespace memory_pages {

/// Whether an object of type `T` stays valid when its bytes are moved elsewhere: moving the object
/// and destroying the old one equals moving its bytes, and does not throw.
///
/// True for trivially copyable types. Specialise it for a type that owns something and does not
/// point into itself; `PagedVec` then moves pages instead of elements:
///
///     template <>
///     struct memory_pages::is_trivially_relocatable<Handle> : std::true_type {};
template <class T>
struct is_trivially_relocatable : std::is_trivially_copyable<T> {};

/// The same as a value.
template <class T>
inline constexpr bool is_trivially_relocatable_v = is_trivially_relocatable<T>::value;

}  // namespace memory_pages
