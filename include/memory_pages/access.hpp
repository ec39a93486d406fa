// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The permissions of pages, as types: what `Pages<R, W, E>` is spelled with.

#include <concepts>
#include <type_traits>

namespace memory_pages {

/// The bytes may be read.
struct AllowRead {};
/// The bytes may not be read. By type always; by the processor where `Pages<...>::is_enforced()`.
struct DenyRead {};
/// The bytes may be changed.
struct AllowWrite {};
/// The bytes may not be changed; the processor stops whoever tries.
struct DenyWrite {};
/// The bytes may not be run as code; the processor stops whoever tries.
struct DenyExec {};
/// The bytes may be run as code: defined in `memory_pages/exec.hpp`, the gate to executing.
struct AllowExec;

/// First parameter of `Pages`: AllowRead or DenyRead.
template <class R>
concept ReadPermission = std::same_as<R, AllowRead> || std::same_as<R, DenyRead>;

/// Second parameter of `Pages`: AllowWrite or DenyWrite.
template <class W>
concept WritePermission = std::same_as<W, AllowWrite> || std::same_as<W, DenyWrite>;

/// Third parameter of `Pages`: DenyExec or AllowExec. Does not ask whether the gate is open.
template <class E>
concept ExecPermission = std::same_as<E, DenyExec> || std::same_as<E, AllowExec>;

namespace detail {

/// Permissions as a value, for the untyped layers below `Pages`. A set of three bits.
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

[[nodiscard]] constexpr Access operator|(Access a, Access b) noexcept {
    return static_cast<Access>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}

[[nodiscard]] constexpr bool allows(Access set, Access wanted) noexcept {
    return (static_cast<unsigned>(set) & static_cast<unsigned>(wanted)) ==
           static_cast<unsigned>(wanted);
}

/// The value that stands for the permission types R, W, E.
template <ReadPermission R, WritePermission W, ExecPermission E>
inline constexpr Access access_of = (std::is_same_v<R, AllowRead> ? Access::read : Access::none) |
                                    (std::is_same_v<W, AllowWrite> ? Access::write : Access::none) |
                                    (std::is_same_v<E, AllowExec> ? Access::exec : Access::none);

}  // namespace detail
}  // namespace memory_pages
