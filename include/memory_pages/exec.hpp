// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The gate to executing: including this header allows pages to be run as code.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/borrow.hpp>
#include <memory_pages/pages.hpp>

#include <type_traits>

namespace memory_pages {

/// The bytes may be run as code.
struct AllowExec {};

namespace detail {

/// What C can pass to a function or return from one: numbers, enumerations, pointers, and structs
/// and unions of the C kind. No references, no pointers to members, nothing with a copy
/// constructor.
template <class T>
concept CValue = (std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_pointer_v<T> ||
                  ((std::is_class_v<T> || std::is_union_v<T>) && std::is_standard_layout_v<T> &&
                   std::is_trivially_copyable_v<T>)) &&
                 !std::is_const_v<T> && !std::is_volatile_v<T>;

}  // namespace detail

/// A function in executable pages, borrowed from them by `Pages::get_fn`.
///
/// `Signature` is `R(Args...)` or `R(Args...) noexcept`, of types that C could pass.
/// It must not outlive the pages, nor a change of their permissions. Taken from a temporary it
/// does not compile; in hardened builds a change or unmapping under a living one stops with a
/// message. Copies borrow too. Any thread.
template <class R, class... Args, bool IsNoexcept>
class [[nodiscard]] FnRef<R(Args...) noexcept(IsNoexcept)> {
    static_assert((std::is_void_v<R> || detail::CValue<R>) && (detail::CValue<Args> && ...),
                  "a function in pages needs a signature that C could have: no references, no "
                  "class types but plain structs");

    using Signature = R(Args...) noexcept(IsNoexcept);

public:
    /// Used by `get_fn`: `function` lies in the mapping that starts at `base`.
    explicit FnRef(Signature* function, const void* base) noexcept
        : function_(function), borrow_(base) {}

    /// Calls it.
    // What a sanitizer takes for the function's type, in the bytes before it, is not there.
    [[clang::no_sanitize("function")]]
    R operator()(Args... args) const noexcept(IsNoexcept) {
        return function_(args...);
    }

    /// Raw access: the function itself. What is done with it is not checked.
    [[nodiscard]] Signature* get() const noexcept { return function_; }

private:
    Signature* function_;
    detail::Borrow borrow_;
};

}  // namespace memory_pages
