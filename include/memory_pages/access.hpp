// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The permissions of pages, as types (the parameters of `Pages<R, W, E>`) and as a value.

#include <memory_pages/detail/standard.hpp>

#include <type_traits>

namespace memory_pages {

/// The bytes may be read.
struct AllowRead {};
/// The bytes may not be read. The type always enforces this; the processor does where
/// `Pages<...>::is_enforced()` is true.
struct DenyRead {};
/// The bytes may be written.
struct AllowWrite {};
/// The bytes may not be written: a write faults.
struct DenyWrite {};
/// The bytes may not be executed: executing them faults.
struct DenyExec {};
/// The bytes may be executed. Defined in `memory_pages/exec.hpp`, the gate to execution.
struct AllowExec;

namespace detail {

// Compilers print these names when the permissions are in the wrong order.
template <class R>
inline constexpr bool first_is_allow_read_or_deny_read =
    std::is_same_v<R, AllowRead> || std::is_same_v<R, DenyRead>;
template <class W>
inline constexpr bool second_is_allow_write_or_deny_write =
    std::is_same_v<W, AllowWrite> || std::is_same_v<W, DenyWrite>;
template <class E>
inline constexpr bool third_is_deny_exec_or_allow_exec =
    std::is_same_v<E, DenyExec> || std::is_same_v<E, AllowExec>;

}  // namespace detail

/// First parameter of `Pages`: AllowRead or DenyRead.
template <class R>
concept ReadPermission = detail::first_is_allow_read_or_deny_read<R>;

/// Second parameter of `Pages`: AllowWrite or DenyWrite.
template <class W>
concept WritePermission = detail::second_is_allow_write_or_deny_write<W>;

/// Third parameter of `Pages`: DenyExec or AllowExec, whether or not the gate is open.
template <class E>
concept ExecPermission = detail::third_is_deny_exec_or_allow_exec<E>;

/// Permissions as a value, for calls that choose them at run time: a set of three rights.
enum class Access : unsigned {
    none = 0,
    read = 1,
    write = 2,
    read_write = 3,
    exec = 4,
    read_exec = 5,
    write_exec = 6,
    read_write_exec = 7,
};

/// The rights that are in one of the sets.
[[nodiscard]] constexpr Access operator|(Access a, Access b) noexcept {
    return static_cast<Access>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}

/// The rights that are in both sets.
[[nodiscard]] constexpr Access operator&(Access a, Access b) noexcept {
    return static_cast<Access>(static_cast<unsigned>(a) & static_cast<unsigned>(b));
}

/// Whether the set has all wanted rights.
[[nodiscard]] constexpr bool allows(Access set, Access wanted) noexcept {
    return (static_cast<unsigned>(set) & static_cast<unsigned>(wanted)) ==
           static_cast<unsigned>(wanted);
}

namespace detail {

/// The value of the permission types R, W, E.
template <ReadPermission R, WritePermission W, ExecPermission E>
inline constexpr Access access_of = (std::is_same_v<R, AllowRead> ? Access::read : Access::none) |
                                    (std::is_same_v<W, AllowWrite> ? Access::write : Access::none) |
                                    (std::is_same_v<E, AllowExec> ? Access::exec : Access::none);

}  // namespace detail
}  // namespace memory_pages
