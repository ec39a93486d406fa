// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The contract between the library and an operating system: every system call the library makes,
/// as neutral verbs. One file per system defines them (`linux.cpp`, ...); `tests/fault/fake_os.cpp`
/// defines them for tests.
///
/// Preconditions, of every verb: `base` is page-aligned, sizes are positive whole pages and do not
/// overflow, alignments are powers of two (1: any page will do). Callers check; nothing here does.
///
/// A range handed to `protect`, `decommit`, ... lies within one mapping or one reservation made
/// here. Every verb leaves `errno` (or the last error) as it was, since they are reached from
/// destructors and allocators; only a refused `map` may change it, as `malloc` does. A refusal is a
/// `std::error_code` that means the same on every system; running out is
/// `std::errc::not_enough_memory`, refined to a `PageError` where a setting stood in the way.

#include <memory_pages/access.hpp>
#include <memory_pages/advice.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/feature.hpp>
#include <memory_pages/huge_pages.hpp>
#include <memory_pages/memory_limits.hpp>
#include <memory_pages/region.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace memory_pages::detail {
class Walk;
}

#pragma GCC visibility push(hidden)

namespace memory_pages::detail {

/// How guards are made.
enum class Guards {
    /// Marks on pages in use, which `protect`, `decommit`, `discard` and `advise`, also of many
    /// ranges, pass over. Of all else, only `unguard` and `release` may be asked of them.
    marks,
    /// Pages taken out of use: nothing but `unguard` and `release` may be asked of them.
    pages_apart,
};

}  // namespace memory_pages::detail

namespace memory_pages::os {

using detail::Access;
using detail::Guards;

/// Whether mapped pages count against the system's commit limit.
enum class Charge { charged, uncharged };

/// Whether this system, as it runs here, can do that.
[[nodiscard]] bool is_supported(Feature feature) noexcept;

/// From now on `before` is called before the process is copied into a child, and `after`
/// afterwards, in both. Nothing where there is no `fork`.
void on_fork(void (*before)() noexcept, void (*after)() noexcept) noexcept;

/// A pointer of the calling thread's own: null at first.
[[nodiscard]] void* thread_value() noexcept;

/// Sets it. Where it is not null when the thread ends, it becomes null, and `at_end`, the same in
/// every call, gets it: after the thread's objects, where the system allows that. Not of the thread
/// with which the process ends. False: refused, and nothing has changed.
[[nodiscard]] bool set_thread_value(void* value, void (*at_end)(void*)) noexcept;

// -- sizes --------------------------------------------------------------------------------------

[[nodiscard]] std::size_t page_size() noexcept;
[[nodiscard]] std::size_t allocation_granularity() noexcept;
/// What the system allows this process now. What it does not tell is empty.
[[nodiscard]] MemoryLimits memory_limits() noexcept;
/// 0 where the system has none.
[[nodiscard]] std::size_t huge_page_size() noexcept;
/// Of those that the system builds from ordinary pages when told to; 0 where it builds none.
[[nodiscard]] std::size_t transparent_huge_page_size() noexcept;

// -- mappings: usable at once, as one piece -----------------------------------------------------

/// Pages that read zero and may be used as `access` says, at a multiple of `alignment`.
[[nodiscard]] Result<std::byte*> map(std::size_t bytes, std::size_t alignment, Access access,
                                     Charge charge) noexcept;

/// Gives a whole mapping back. A system that refuses keeps the addresses, but no memory behind
/// them: there is nobody to tell.
void unmap(std::byte* base, std::size_t bytes) noexcept;

/// Gives a part of a mapping back, which began at `whole` and of which nothing else is left in use
/// if this is the last. A system that can only give whole mappings back keeps the addresses until
/// then, but no memory behind them.
void unmap_part(std::byte* base, std::size_t bytes, std::byte* whole, bool is_last) noexcept;

/// Changes a mapping's size, keeping contents, access and charge; new bytes read zero. The result
/// is where it is now, a multiple of `alignment`. `operation_not_supported`: this cannot be done
/// without copying, and nothing was changed. On any failure the mapping is as it was.
[[nodiscard]] Result<std::byte*> resize(std::byte* base, std::size_t old_bytes,
                                        std::size_t new_bytes, std::size_t alignment) noexcept;

// -- huge pages ---------------------------------------------------------------------------------

[[nodiscard]] bool is_supported(HugePages policy) noexcept;

/// `map` of whole huge pages out of those that the system keeps for this alone. They are charged.
/// `PageError::huge_page_limit`: there are not as many.
[[nodiscard]] Result<std::byte*> map_huge(std::size_t bytes, std::size_t alignment,
                                          Access access) noexcept;

/// Whether the system may build huge pages there from now on: `prefer` or `never`. A wish: where it
/// cannot be, nothing changes.
void set_huge_pages(std::byte* base, std::size_t bytes, HugePages policy) noexcept;

/// Makes huge pages of what is there now, as far as whole ones fit; contents are kept.
/// `operation_not_supported`: the system cannot, or was told `never` for these pages.
[[nodiscard]] Result<void> collapse(std::byte* base, std::size_t bytes) noexcept;

// -- pages in use -------------------------------------------------------------------------------

/// Contents are kept. On failure part of the range may have changed.
[[nodiscard]] Result<void> protect(std::byte* base, std::size_t bytes, Access access) noexcept;

/// `protect` for pages that hold code: from access `from` (`none` will do where that is not known)
/// to `to`, which allows executing. At return every thread that learns of the code runs it. On
/// failure part of the range may have changed.
[[nodiscard]] Result<void> make_executable(std::byte* base, std::size_t bytes, Access from,
                                           Access to) noexcept;

/// The same for a range of pages that are writable and executable and stay so. No alignment is
/// needed.
[[nodiscard]] Result<void> publish(std::byte* base, std::size_t bytes) noexcept;

/// Around everything that the calling thread writes to pages that are writable and executable: some
/// systems let a thread either write such pages or run them. Pairs do not nest, and between them
/// the thread must not run code in such pages. Elsewhere, nothing happens.
void begin_writing() noexcept;
void end_writing() noexcept;

/// Whether the processor itself, here, refuses what `access` does not allow.
[[nodiscard]] bool is_enforced(Access access) noexcept;

/// Resident size falls before return; still accessible; contents indeterminate. Where memory can
/// only be given back and asked for anew (Windows, here and in `zero`), a refusal leaves a part of
/// the range out of reach, and its owner's, until `decommit` of it succeeds.
[[nodiscard]] Result<void> decommit(std::byte* base, std::size_t bytes) noexcept;

/// Reclaimable from now on; still accessible; contents indeterminate.
[[nodiscard]] Result<void> discard(std::byte* base, std::size_t bytes) noexcept;

/// Writable pages read zero at return.
[[nodiscard]] Result<void> zero(std::byte* base, std::size_t bytes) noexcept;

/// Writable, resident pages read zero at return, and stay resident.
void clear(std::byte* base, std::size_t bytes) noexcept;

/// Pages that may be read or written become resident; contents are kept.
[[nodiscard]] Result<void> populate(std::byte* base, std::size_t bytes, Access access) noexcept;

/// Contents never change. What the system does not know is a success; `is_supported` tells.
[[nodiscard]] Result<void> advise(std::byte* base, std::size_t bytes, Advice advice) noexcept;
[[nodiscard]] bool is_supported(Advice advice) noexcept;

/// Whole pages.
struct Range {
    std::byte* base;
    std::size_t bytes;
};

/// `decommit`, `discard` and `advise` of many ranges, in as few system calls as the system allows.
/// On failure some may be done.
[[nodiscard]] Result<void> decommit_all(std::span<const Range> ranges) noexcept;
[[nodiscard]] Result<void> discard_all(std::span<const Range> ranges) noexcept;
[[nodiscard]] Result<void> advise_all(std::span<const Range> ranges, Advice advice) noexcept;

// -- reservations: address space first, memory behind parts of it later -------------------------

/// Address space at a multiple of `alignment`: touching it faults; no memory, no charge.
[[nodiscard]] Result<std::byte*> reserve(std::size_t bytes, std::size_t alignment) noexcept;

/// The same exactly at `where`, a multiple of the granularity and not null, and never over
/// something that is there: `address_in_use`, also where the system has no such addresses.
[[nodiscard]] Result<std::byte*> reserve_at(std::byte* where, std::size_t bytes) noexcept;

/// Gives a whole reservation back, with everything committed in it; or what is left of it behind a
/// range that `move` took.
void release(std::byte* base, std::size_t bytes) noexcept;

/// Reserved pages become usable as `access` says, and charged. What was never committed, or
/// uncommitted since, reads zero. A refusal changes nothing.
[[nodiscard]] Result<void> commit(std::byte* base, std::size_t bytes, Access access) noexcept;

/// Committed pages become reserved ones again: touching faults, memory and charge go back.
[[nodiscard]] Result<void> uncommit(std::byte* base, std::size_t bytes) noexcept;

/// Moves committed pages of one reservation, with their contents, onto reserved pages of another.
/// At success the source range, on failure the target range, no longer belongs to the caller: it
/// must not be touched, nor given back. The exception is `operation_not_supported`: the system
/// cannot do it, and nothing was changed.
[[nodiscard]] Result<void> move(std::byte* from, std::size_t bytes, std::byte* to) noexcept;

// -- guards: touching them faults, whatever the pages around them are used for ------------------

/// Committed pages of a reservation, used as `access` says and none of them a guard, become guards;
/// their contents are given up, and their memory goes back. On failure they are used as before, and
/// after a `PageError::map_count_limit` have kept their contents.
[[nodiscard]] Result<Guards> guard(std::byte* base, std::size_t bytes, Access access) noexcept;

/// Guards become pages in use as `access` says; contents are indeterminate. `how` they were made:
/// `marks` only if all of them were, and the access of their pages is the same as then, or was
/// changed by `protect` since. On failure they are guards as before.
[[nodiscard]] Result<void> unguard(std::byte* base, std::size_t bytes, Access access,
                                   Guards how) noexcept;

// -- looking: at addresses of anybody, whole pages of them ---------------------------------------

/// A run of pages that is not free.
struct RegionInfo {
    std::uintptr_t first;
    std::size_t bytes;  ///< 0: there is none.
    Access access;
    RegionKind kind;
    std::string_view name;  ///< Until the walk goes on.
};

/// A walk over the address space, in its order. `not_enough_memory`, or what the system says.
[[nodiscard]] Result<detail::Walk*> start_walk() noexcept;

/// The first region that ends behind `address`, which is no less than in the call before. On
/// failure the walk stays where it was.
[[nodiscard]] Result<RegionInfo> region_from(detail::Walk& walk, std::uintptr_t address) noexcept;

void end_walk(detail::Walk* walk) noexcept;

/// How much is resident, and of each page whether it is. What is not mapped is not.
[[nodiscard]] Result<std::size_t> resident_bytes(const std::byte* base, std::size_t bytes) noexcept;
[[nodiscard]] Result<void> resident_pages(const std::byte* base, std::span<bool> pages) noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
