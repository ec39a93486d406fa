// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Changing permissions: each change gives pages of another type.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/attributes.hpp>
#include <memory_pages/detail/because.hpp>
#include <memory_pages/detail/refusal.hpp>
#include <memory_pages/detail/rooms.hpp>
#include <memory_pages/error.hpp>

#include <concepts>
#include <expected>
#include <utility>

namespace memory_pages::rooms {

/// An owner that can change permissions.
template <class Owner>
concept Protectable = requires(Owner& owner, Access access) {
    { owner.protect(access, access) } noexcept -> std::same_as<Result<void>>;
    { Owner::is_enforced(access) } noexcept -> std::same_as<bool>;
};

/// Changes of permission, if the owner has them.
///
/// Contents are kept. A change to the same permissions makes no system call. If the system refuses,
/// the throwing form leaves the pages as they were, and the `try_` twin returns them in a
/// `Refused`. If the system also refuses to undo a part of the change, the error is
/// `PageError::permissions_lost`: do not touch the pages, and call no other verb, until a change of
/// permissions has succeeded (one to their own type is fine too). They can be destroyed, moved,
/// split and released. When pages become executable, what was written is published to every thread.
template <class Owner, ReadPermission R, WritePermission W, ExecPermission E>
class Permissions {};

template <class Owner, ReadPermission R, WritePermission W, ExecPermission E>
    requires Protectable<Owner>
class [[clang::consumable(unknown)]] Permissions<Owner, R, W, E> {
    using Self = BasicPages<Owner, R, W, E>;
    using Rights = detail::Rights<R, W, E>;

    template <class R2, class W2, class E2>
    using With = BasicPages<Owner, R2, W2, E2>;

    template <class To>
    using Changed = std::expected<To, Refused<Self>>;

public:
    /// The same pages, readable.
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    With<AllowRead, W, E> allow_read() && {
        return become<AllowRead, W, E>(detail::call_of<Owner, "allow_read">);
    }
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    Changed<With<AllowRead, W, E>> try_allow_read() && noexcept {
        return try_become<AllowRead, W, E>(detail::call_of<Owner, "try_allow_read">);
    }

    /// The same pages, not readable. If they keep another right, the processor enforces this only
    /// where `is_enforced()` of the new type is true.
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    With<DenyRead, W, E> deny_read() && {
        return become<DenyRead, W, E>(detail::call_of<Owner, "deny_read">);
    }
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    Changed<With<DenyRead, W, E>> try_deny_read() && noexcept {
        return try_become<DenyRead, W, E>(detail::call_of<Owner, "try_deny_read">);
    }

    /// The same pages, writable. Executable pages become writable and executable, which needs
    /// `memory_pages/unsafe_write_exec.hpp`.
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    With<R, AllowWrite, E> allow_write() && {
        return become<R, AllowWrite, E>(detail::call_of<Owner, "allow_write">);
    }
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    Changed<With<R, AllowWrite, E>> try_allow_write() && noexcept {
        return try_become<R, AllowWrite, E>(detail::call_of<Owner, "try_allow_write">);
    }

    /// The same pages, not writable.
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    With<R, DenyWrite, E> deny_write() && {
        return become<R, DenyWrite, E>(detail::call_of<Owner, "deny_write">);
    }
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    Changed<With<R, DenyWrite, E>> try_deny_write() && noexcept {
        return try_become<R, DenyWrite, E>(detail::call_of<Owner, "try_deny_write">);
    }

    /// The same pages, writable and not executable: the reverse of `set_protected_exec`.
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    With<R, AllowWrite, DenyExec> allow_write_no_exec() && {
        return become<R, AllowWrite, DenyExec>(detail::call_of<Owner, "allow_write_no_exec">);
    }
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    Changed<With<R, AllowWrite, DenyExec>> try_allow_write_no_exec() && noexcept {
        return try_become<R, AllowWrite, DenyExec>(
            detail::call_of<Owner, "try_allow_write_no_exec">);
    }

    /// The same pages, executable. Writable pages become writable and executable;
    /// `set_protected_exec` avoids that.
    template <class Gate = AllowExec>
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    With<R, W, Gate> allow_exec() && {
        return this->template become<R, W, Gate>(detail::call_of<Owner, "allow_exec">);
    }
    template <class Gate = AllowExec>
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    Changed<With<R, W, Gate>> try_allow_exec() && noexcept {
        return this->template try_become<R, W, Gate>(detail::call_of<Owner, "try_allow_exec">);
    }

    /// The same pages, not executable.
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    With<R, W, DenyExec> deny_exec() && {
        return become<R, W, DenyExec>(detail::call_of<Owner, "deny_exec">);
    }
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    Changed<With<R, W, DenyExec>> try_deny_exec() && noexcept {
        return try_become<R, W, DenyExec>(detail::call_of<Owner, "try_deny_exec">);
    }

    /// The same pages, executable and not writable: the permissions of finished code.
    template <class Gate = AllowExec>
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    With<R, DenyWrite, Gate> set_protected_exec() && {
        return this->template become<R, DenyWrite, Gate>(
            detail::call_of<Owner, "set_protected_exec">);
    }
    template <class Gate = AllowExec>
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    Changed<With<R, DenyWrite, Gate>> try_set_protected_exec() && noexcept {
        return this->template try_become<R, DenyWrite, Gate>(
            detail::call_of<Owner, "try_set_protected_exec">);
    }

    // A named object must be given up explicitly: `std::move(pages).deny_write()`.

    detail::Because<"write std::move(pages).allow_read()"> allow_read() const& = delete;
    detail::Because<"write std::move(pages).try_allow_read()"> try_allow_read() const& = delete;
    detail::Because<"write std::move(pages).deny_read()"> deny_read() const& = delete;
    detail::Because<"write std::move(pages).try_deny_read()"> try_deny_read() const& = delete;
    detail::Because<"write std::move(pages).allow_write()"> allow_write() const& = delete;
    detail::Because<"write std::move(pages).try_allow_write()"> try_allow_write() const& = delete;
    detail::Because<"write std::move(pages).deny_write()"> deny_write() const& = delete;
    detail::Because<"write std::move(pages).try_deny_write()"> try_deny_write() const& = delete;
    detail::Because<"write std::move(pages).allow_write_no_exec()"> allow_write_no_exec() const& =
        delete;
    detail::Because<"write std::move(pages).try_allow_write_no_exec()"> try_allow_write_no_exec()
        const& = delete;
    detail::Because<"write std::move(pages).deny_exec()"> deny_exec() const& = delete;
    detail::Because<"write std::move(pages).try_deny_exec()"> try_deny_exec() const& = delete;
    template <class Gate = AllowExec>
    detail::Because<"write std::move(pages).allow_exec()"> allow_exec() const& = delete;
    template <class Gate = AllowExec>
    detail::Because<"write std::move(pages).try_allow_exec()"> try_allow_exec() const& = delete;
    template <class Gate = AllowExec>
    detail::Because<"write std::move(pages).set_protected_exec()"> set_protected_exec() const& =
        delete;
    template <class Gate = AllowExec>
    detail::Because<"write std::move(pages).try_set_protected_exec()"> try_set_protected_exec()
        const& = delete;

    /// Whether the processor enforces all that these permissions deny, for pages made or changed
    /// now. Denied writing, and no access at all, are always enforced; denied reading beside
    /// another right is on few processors. Denied execution is enforced, except in a Linux process
    /// with the personality(2) READ_IMPLIES_EXEC, where all readable memory is executable.
    [[nodiscard]] static bool is_enforced() noexcept { return Owner::is_enforced(Rights::access); }

private:
    [[nodiscard]] Self& self() noexcept { return static_cast<Self&>(*this); }
    [[nodiscard]] Owner& owner() noexcept {
        return detail::OwnerOf::get(static_cast<Self&>(*this));
    }

    template <class R2, class W2, class E2>
    Result<void> change(const char* call) noexcept {
        constexpr Access to = detail::Rights<R2, W2, E2>::access;
        if constexpr (to == Rights::access) {
            detail::check_live(owner(), call);
        } else {
            detail::check_not_lent(owner(), call);
        }
        return owner().protect(Rights::access, to);
    }

    // These move from the whole object, not from its owner: the static analyzer then sees the move.

    template <class R2, class W2, class E2>
    With<R2, W2, E2> become(const char* call) {
        if (const Result<void> done = change<R2, W2, E2>(call); !done) [[unlikely]] {
            raise(done.error(), call, owner().size());
        }
        Self taken = std::move(self());
        return detail::OwnerOf::make<With<R2, W2, E2>>(std::move(detail::OwnerOf::get(taken)));
    }

    template <class R2, class W2, class E2>
    Changed<With<R2, W2, E2>> try_become(const char* call) noexcept {
        if (const Result<void> done = change<R2, W2, E2>(call); !done) [[unlikely]] {
            return std::unexpected(Refused<Self>{done.error(), std::move(self())});
        }
        Self taken = std::move(self());
        return detail::OwnerOf::make<With<R2, W2, E2>>(std::move(detail::OwnerOf::get(taken)));
    }
};

}  // namespace memory_pages::rooms
