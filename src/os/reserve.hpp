// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Reservations: address space first, memory for parts of it later.

#include "os/types.hpp"

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// Reserves address space at a multiple of `alignment`: touching it faults; no memory, no charge.
[[nodiscard]] Result<std::byte*> reserve(std::size_t bytes, std::size_t alignment) noexcept;

/// The same exactly at `where`, a multiple of the granularity and not null. Never replaces what is
/// there: `address_in_use`, also for addresses that the system does not have.
[[nodiscard]] Result<std::byte*> reserve_at(std::byte* where, std::size_t bytes) noexcept;

/// Releases a whole reservation with everything committed in it, or the rest of it behind a range
/// that `move` took.
void release(std::byte* base, std::size_t bytes) noexcept;

/// Makes reserved pages usable with this access, and charges them. Pages that were never committed,
/// or were uncommitted since, read zero. A refusal changes nothing.
[[nodiscard]] Result<void> commit(std::byte* base, std::size_t bytes, Access access) noexcept;

/// Makes committed pages reserved again: touching them faults, and memory and charge are returned.
[[nodiscard]] Result<void> uncommit(std::byte* base, std::size_t bytes) noexcept;

/// Moves committed pages of one reservation, with their contents, onto reserved pages of another.
/// The page behind the target is committed, readable and writable, and reads zero, before and
/// after. On success the source range no longer belongs to the caller, who must not touch or
/// release it. On failure the source is unchanged; after `operation_not_supported` so is the
/// target, otherwise the target and the page behind it no longer belong to the caller.
[[nodiscard]] Result<void> move(std::byte* from, std::size_t bytes, std::byte* to) noexcept;

/// Makes the first `kept` bytes of a reservation of `bytes` bytes, which are its committed part, a
/// mapping, and releases the rest. A system that only releases whole reservations keeps the rest of
/// the addresses until the mapping ends.
void reservation_to_mapping(std::byte* base, std::size_t bytes, std::size_t kept) noexcept;

/// Makes a whole mapping a reservation that is committed throughout.
void mapping_to_reservation(std::byte* base, std::size_t bytes) noexcept;

/// Whether `move` is supported.
[[nodiscard]] bool can_move() noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
