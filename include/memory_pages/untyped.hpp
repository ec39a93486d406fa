// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The verbs by address, for engines that track their memory themselves: allocators, garbage
/// collectors, JITs. Not part of `memory_pages.hpp`: it makes executable pages without the gates
/// `exec.hpp` and `unsafe_write_exec.hpp`. This level is raw: nothing checks who owns the pages,
/// which permissions they have, or whether anything still uses them. Where one owner has the pages,
/// use `Pages` or `Reservation`.
///
/// All verbs take whole pages of this process, mapped by this library or not (static arrays, views
/// of files, memory of other libraries), but not pages of a living owner of the library, whose type
/// and tracking they would contradict. Addresses and sizes are multiples of the page size; sizes
/// are in bytes. Those of pages of `HugePages::require` are multiples of `huge_page_size()`. For 0
/// bytes nothing is done.
///
/// Errors: `invalid_argument`: a null address, not whole pages, an end beyond the address space, or
/// an `Access` or policy that does not exist. The system's refusal otherwise, a `PageError` where
/// the limit is known. After a refusal that says so, a part of the pages may have changed.
///
/// Any thread may call them; threads must not change the same pages at once. Only a refused `map`
/// may change `errno` (or the last error). All but `reserve` with `near_to` or `within` may be
/// called in a signal handler.

#include <memory_pages/access.hpp>
#include <memory_pages/advice.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/huge_pages.hpp>
#include <memory_pages/options.hpp>
#include <memory_pages/writing_code.hpp>

#include <cstddef>

namespace memory_pages::untyped {

/// Maps pages that read zero. `bytes` is a multiple of the page size, with `HugePages::prefer` and
/// `require` of `huge_page_size()`; 0 is `invalid_argument`. Give them back by `unmap`, or own them
/// by `Pages<...>::adopt_unchecked`.
[[nodiscard]] Result<std::byte*> map(std::size_t bytes, Access access,
                                     const PageOptions& options = {}) noexcept;

/// Unmaps pages, mapped or reserved. A refusal changes nothing: at the limit on mappings Linux does
/// not split one (`map_count_limit`).
///
/// Linux, macOS: any pages, also a part of a mapping. Windows: a whole mapping, reservation or view
/// (`VirtualFree`, `UnmapViewOfFile`); a part is `operation_not_supported`, also where released
/// `Pages` were made smaller, were split, or come from a `PagedVec`: adopt those.
[[nodiscard]] Result<void> unmap(void* address, std::size_t bytes) noexcept;

/// Whether pages may move to another address.
enum class Move { forbidden, allowed };

/// Changes the size of pages of one mapping; the bytes and permissions are kept, new bytes read
/// zero (those of a view of a file are the file's). Returns the address, which only changes where
/// the pages may move. A refusal changes nothing. 0 bytes are `invalid_argument`.
///
/// `operation_not_supported`: not possible without copying (`Feature::moving_pages`), or pages of
/// several mappings grow. `not_enough_memory`: also, the addresses behind are taken. Linux:
/// `mremap(2)`. macOS: only shrinks. Windows: does neither.
[[nodiscard]] Result<std::byte*> resize(void* address, std::size_t old_bytes, std::size_t new_bytes,
                                        Move move = Move::allowed) noexcept;

/// Reserves address space; touching it faults, and it takes no memory and no commit charge. `bytes`
/// is a multiple of the page size; 0 is `invalid_argument`.
[[nodiscard]] Result<std::byte*> reserve(std::size_t bytes,
                                         const ReservationOptions& options = {}) noexcept;

/// Gives address space back, with everything committed in it. Otherwise as `unmap`: on Windows only
/// the whole reservation.
[[nodiscard]] Result<void> unreserve(void* address, std::size_t bytes) noexcept;

/// Makes pages of a reservation usable with this access, and charges them; they read zero. Pages in
/// the range that are committed already keep their bytes, and get this access; to an executable one
/// as by `protect`. A refusal loses no byte, but a part may be committed, or have another access.
[[nodiscard]] Result<void> commit(void* address, std::size_t bytes, Access access) noexcept;

/// Makes pages of a reservation reserved again, committed or not: touching them faults, and memory
/// and charge are returned. Not for other pages: those would be lost.
[[nodiscard]] Result<void> uncommit(void* address, std::size_t bytes) noexcept;

/// Changes the permissions of pages, from any to any. Contents are kept, and published to every
/// thread when the pages become executable; on processors that flush caches for that (not x86-64)
/// the pages are for a moment only readable. After a refusal a part may have changed.
///
/// Windows: pages of one mapping.
[[nodiscard]] Result<void> protect(void* address, std::size_t bytes, Access access) noexcept;

/// Publishes code that was written to executable pages: every thread that synchronizes with this
/// one runs it. Needs no whole pages. Pages that are writable and executable are written within a
/// `WritingCode`. `operation_not_supported`: see `Feature::publishing`; never with `not_yet_run`.
[[nodiscard]] Result<void> publish(void* address, std::size_t bytes,
                                   Publish code = Publish::may_have_run) noexcept;

/// Gives the memory of pages back. They stay usable; their contents are indeterminate.
///
/// Private memory of a static array may have its initial bytes again, a private view those of its
/// file. A shared view keeps its bytes, and its memory belongs to the file: it only leaves this
/// process's resident size (not on macOS, where it is the first to be taken). Windows: a refusal
/// may leave private pages inaccessible, and their bytes lost, until `commit` of them succeeds;
/// locked pages lose their lock.
[[nodiscard]] Result<void> decommit(void* address, std::size_t bytes) noexcept;

/// Allows the system to take the memory of pages from now on, when it needs some. They stay usable;
/// their contents are indeterminate.
[[nodiscard]] Result<void> discard(void* address, std::size_t bytes) noexcept;

/// Makes writable pages read zero; a file reads zero where its shared view was. The memory of more
/// than 16 pages is given back if they are private and anonymous. Linux: where a part is not, all
/// of it stays; to find out takes as long again as to give back. A refusal on Windows: as for
/// `decommit`.
[[nodiscard]] Result<void> zero(void* address, std::size_t bytes) noexcept;

/// Makes pages resident. They must allow `access`, of which reading or writing decides how: pages
/// of a private view that are populated for writing get memory of their own, and holes of the file
/// of a shared view get blocks. Contents never change.
[[nodiscard]] Result<void> populate(void* address, std::size_t bytes,
                                    Access access = Access::read_write) noexcept;

/// Gives a hint about coming use. Contents never change.
[[nodiscard]] Result<void> advise(void* address, std::size_t bytes, Advice advice) noexcept;

/// Allows (`prefer`) or forbids (`never`) transparent huge pages from now on: a hint that does
/// nothing where there are none. `invalid_argument`: `system`, `require`.
[[nodiscard]] Result<void> set_huge_pages(void* address, std::size_t bytes,
                                          HugePages policy) noexcept;

/// Makes huge pages of existing pages, as far as whole ones fit. Contents never change.
/// `operation_not_supported`: see `Feature::collapsing`.
[[nodiscard]] Result<void> collapse(void* address, std::size_t bytes) noexcept;

}  // namespace memory_pages::untyped
