// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Which objects may be moved as bytes: with the pages they live in, and nobody tells them.

#include <type_traits>

namespace memory_pages {

/// Whether an object of type `T` stays itself when its bytes are somewhere else: moving it and
/// destroying the old one is the same as moving its bytes, and does not throw.
///
/// True for what is trivially copyable. Specialise it for a type of your own that owns something
/// but does not point into itself, and `PagedVec` moves pages where it would have moved elements:
///
///     template <>
///     struct memory_pages::is_trivially_relocatable<Handle> : std::true_type {};
template <class T>
struct is_trivially_relocatable : std::is_trivially_copyable<T> {};

/// The same as a value.
template <class T>
inline constexpr bool is_trivially_relocatable_v = is_trivially_relocatable<T>::value;

}  // namespace memory_pages
