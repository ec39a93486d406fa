// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Executing code in pages.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/attributes.hpp>
#include <memory_pages/detail/because.hpp>
#include <memory_pages/detail/refusal.hpp>
#include <memory_pages/detail/rooms.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/writing_code.hpp>

#include <concepts>
#include <cstddef>

namespace memory_pages {

template <class Signature>
class FnRef;

}  // namespace memory_pages

namespace memory_pages::rooms {

/// An owner that can publish code.
template <class Owner>
concept Publishable = requires(Owner& owner, std::size_t n, Publish code) {
    { owner.publish(n, n, code) } noexcept -> std::same_as<Result<void>>;
};

/// The functions in executable pages.
template <class Owner, ReadPermission R, WritePermission W, ExecPermission E>
class [[clang::consumable(unknown)]] Executing {
    using Self = BasicPages<Owner, R, W, E>;
    using Rights = detail::Rights<R, W, E>;

public:
    /// Raw access: the code at `offset`, in bytes and below `size()` (contract check), as a
    /// function pointer. Nothing keeps the pages from ending before the pointer; prefer `get_fn`.
    /// Clang's `-fsanitize=function` looks for a signature before the code, and finds none.
    template <class Signature = void()>
    [[nodiscard, clang::callable_when("unknown")]]
    Signature* get_fn_ptr(std::size_t offset = 0) const& noexcept [[clang::lifetimebound]]
        requires Rights::executable
    {
        detail::check_index(detail::call_of<Owner, "get_fn_ptr">, offset, owner().size());
        return reinterpret_cast<Signature*>(owner().data() + offset);
    }
    template <class Signature = void()>
    void get_fn_ptr(std::size_t offset = 0) const&& = delete;
    template <class Signature = void()>
    detail::Because<"not executable: std::move(pages).set_protected_exec()"> get_fn_ptr(
        std::size_t = 0) const&
        requires(!Rights::executable)
    = delete;

    /// The function at `offset`, in bytes and below `size()` (contract check), borrowed: it must
    /// not outlive these pages or a change of their permissions. The caller guarantees that there
    /// is code of this signature, with C's calling convention.
    template <class Signature>
    [[nodiscard, clang::callable_when("unknown")]]
    FnRef<Signature> get_fn(std::size_t offset = 0) const& noexcept [[clang::lifetimebound]]
        requires Rights::executable
    {
        detail::check_index(detail::call_of<Owner, "get_fn">, offset, owner().size());
        return FnRef<Signature>(reinterpret_cast<Signature*>(owner().data() + offset),
                                owner().data());
    }
    template <class Signature>
    void get_fn(std::size_t offset = 0) const&& = delete;
    template <class Signature>
    detail::Because<"not executable: std::move(pages).set_protected_exec()"> get_fn(
        std::size_t = 0) const&
        requires(!Rights::executable)
    = delete;

    /// Publishes changed code in pages that are writable and executable: every thread that
    /// synchronizes with this one after the call runs the new code. The range is in bytes and needs
    /// no alignment.
    ///
    /// `invalid_argument`: outside the pages. Linux: cleans and invalidates the caches where the
    /// processor needs it, then `membarrier(2)` SYNC_CORE; `operation_not_supported` where that is
    /// forbidden.
    /// `Publish::not_yet_run`, for code at addresses where none has run, needs no barrier, so it is
    /// never `operation_not_supported`.
    [[clang::callable_when("unknown")]]
    void publish(std::size_t offset = 0, std::size_t bytes = std::dynamic_extent,
                 Publish code = Publish::may_have_run) &
        requires Rights::patchable && Publishable<Owner>
    {
        detail::or_raise(try_publish(offset, bytes, code), detail::call_of<Owner, "publish">,
                         owner(), {offset, bytes}, detail::Units::any);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_publish(std::size_t offset = 0, std::size_t bytes = std::dynamic_extent,
                             Publish code = Publish::may_have_run) & noexcept
        requires Rights::patchable && Publishable<Owner>
    {
        detail::check_live(owner(), detail::call_of<Owner, "publish">);
        return owner().publish(offset, detail::length(owner(), offset, bytes), code);
    }

    /// The same for all pages.
    [[clang::callable_when("unknown")]]
    void publish(Publish code) &
        requires Rights::patchable && Publishable<Owner>
    {
        publish(0, std::dynamic_extent, code);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_publish(Publish code) & noexcept
        requires Rights::patchable && Publishable<Owner>
    {
        return try_publish(0, std::dynamic_extent, code);
    }

private:
    [[nodiscard]] Owner& owner() noexcept {
        return detail::OwnerOf::get(static_cast<Self&>(*this));
    }
    [[nodiscard]] const Owner& owner() const noexcept {
        return detail::OwnerOf::get(static_cast<const Self&>(*this));
    }
};

}  // namespace memory_pages::rooms
