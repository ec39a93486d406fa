// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Huge pages: `Pages<...>(bytes, {.huge_pages = HugePages::prefer})`.
///
/// A huge page is many ordinary pages with one entry in the page table. Filling and reading large
/// dense memory is faster with huge pages: one fault and one translation replace hundreds. They
/// have costs: the first touch clears a whole huge page, sparse data is resident in whole huge
/// pages, and a system with fragmented memory may stop the program while it compacts memory.

namespace memory_pages {

/// Which pages to use.
enum class HugePages {
    /// The system's default. Linux: `transparent_hugepage/enabled`.
    system,
    /// No huge pages.
    never,
    /// Huge pages where available: never an error. Size and alignment are multiples of the huge
    /// page size. Linux: `madvise(2)` MADV_HUGEPAGE. Windows and macOS have no transparent huge
    /// pages: as `system`. Huge pages of more than 32 MiB are too large for a default: as `system`
    /// too.
    prefer,
    /// Only huge pages, from the system's pool of them and reserved when mapped; else
    /// `PageError::huge_page_limit`. Linux: `mmap(2)` MAP_HUGETLB; refused if it would exceed a
    /// control group's limit. Windows: MEM_LARGE_PAGES, for accounts with the right to lock pages
    /// in memory; the library enables that right for the process at first use. Windows can neither
    /// write-protect such pages nor give back a part of them: both are `operation_not_supported`.
    /// macOS: `operation_not_supported`.
    ///
    /// Linux: after fork(2) the child shares the pages until one of the two writes. That write
    /// takes a huge page from the pool; none is reserved for the child. If the pool is empty, or a
    /// control group's limit is reached, the child loses its page: `populate` in it returns
    /// `PageError::huge_page_limit`, and a touch ends it (SIGBUS), also of pages that only its
    /// parent wrote.
    require,
};

/// Whether the running system acts on this policy. Not cached: each call may make system calls.
///
/// Linux, `prefer`: not if `transparent_hugepage/enabled` is `never`, or the process disabled them
/// (`prctl(2)` PR_SET_THP_DISABLE). `require`: whether a huge page is available now.
[[nodiscard]] bool is_supported(HugePages policy) noexcept;

/// The default policy of `PagedVec` and `PagePool`, whose memory is dense. `HugePages::prefer`
/// unless set. Any thread.
[[nodiscard]] HugePages default_huge_pages() noexcept;

/// Sets the default policy of the whole process, for memory committed from now on. Must not be
/// `require` (contract check): a vector cannot grow with it. Any thread.
void set_default_huge_pages(HugePages policy) noexcept;

}  // namespace memory_pages
