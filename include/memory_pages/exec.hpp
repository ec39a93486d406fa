// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The gate to execution: including this header allows executable pages. `set_protected_exec`
/// publishes their code to every thread; `memory_pages/unsafe_write_exec.hpp` has pages that are
/// writable and executable at once.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/borrow.hpp>
#include <memory_pages/detail/check.hpp>
#include <memory_pages/pages.hpp>

#include <type_traits>

namespace memory_pages {

/// The bytes may be executed.
struct AllowExec {};

namespace detail {

/// A type that C can pass to a function or return from one: numbers, enumerations, pointers, and
/// structs and unions as in C. No references, no pointers to members, no copy constructors.
template <class T>
concept CValue = (std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_pointer_v<T> ||
                  ((std::is_class_v<T> || std::is_union_v<T>) && std::is_standard_layout_v<T> &&
                   std::is_trivially_copyable_v<T>)) &&
                 !std::is_const_v<T> && !std::is_volatile_v<T>;

}  // namespace detail

/// A function in executable pages, borrowed from them by `Pages::get_fn`.
///
/// `Signature` is `R(Args...)` or `R(Args...) noexcept`, with types that C can pass. A `FnRef` must
/// not outlive the pages or a change of their permissions: one from a temporary does not compile,
/// and hardened builds stop with a message when its pages change or are unmapped. Copies borrow
/// too. Any thread.
///
/// A default-constructed `FnRef` is empty and borrows nothing; calling it is a contract error.
/// Assigning an empty one (`function = {}`) ends the borrow.
template <class R, class... Args, bool IsNoexcept>
class [[nodiscard]] FnRef<R(Args...) noexcept(IsNoexcept)> {
    static_assert((std::is_void_v<R> || detail::CValue<R>) && (detail::CValue<Args> && ...),
                  "a function in pages needs a signature that C can have: no references, no "
                  "class types except plain structs");

    using Signature = R(Args...) noexcept(IsNoexcept);

public:
    /// Refers to no function.
    FnRef() noexcept = default;
    /// Used by `get_fn`: `function` lies in the pages that start at `base`.
    explicit FnRef(Signature* function, const void* base) noexcept
        : function_(function), borrow_(base) {}

    /// Whether there is a function to call.
    [[nodiscard]] explicit operator bool() const noexcept { return function_ != nullptr; }

    /// Calls the function. An empty `FnRef` is a contract error.
    // The sanitizer looks for the function's type in the bytes before it; here there is none.
    [[clang::no_sanitize("function")]]
    R operator()(Args... args) const noexcept(IsNoexcept) {
        detail::check(function_ != nullptr, "FnRef::operator()", "there is no function in it");
        return function_(args...);
    }

    /// Raw access: the function pointer, or null. Its use is not checked.
    [[nodiscard]] Signature* get() const noexcept { return function_; }

private:
    Signature* function_ = nullptr;
    detail::Borrow borrow_;
};

}  // namespace memory_pages
