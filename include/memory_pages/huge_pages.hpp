// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Whether memory is made of huge pages: `Pages<...>(bytes, {.huge_pages = HugePages::prefer})`.
///
/// A huge page is many ordinary ones with one entry in the processor's tables. Filling and reading
/// much dense memory is faster with them: one fault, and one translation, stand for hundreds. They
/// cost something too: the first touch clears a whole one; sparse data is resident by whole ones;
/// and a system whose free memory is scattered may stop the program to gather one.

namespace memory_pages {

/// A policy on huge pages.
enum class HugePages {
    /// What the system does by itself. Linux: `transparent_hugepage/enabled`.
    system,
    /// None.
    never,
    /// Where there are some: never an error. Base and length are multiples of the huge page size.
    /// Linux: `madvise(2)` MADV_HUGEPAGE. Windows and macOS build none: as `system`. Huge pages of
    /// more than 32 MiB are too large to be handed out unasked: as `system` too.
    prefer,
    /// Nothing else: pages that the system keeps for this alone, resident from the start, or
    /// `PageError::huge_page_limit`. Linux: `mmap(2)` MAP_HUGETLB. Windows: MEM_LARGE_PAGES, for
    /// accounts that may lock pages in memory. macOS: `operation_not_supported`.
    require,
};

/// Whether this system, as it runs here, does anything for this policy. Asked from it at each call.
///
/// Linux, of `prefer`: not where `transparent_hugepage/enabled` says never, or the process gave
/// them up (`prctl(2)` PR_SET_THP_DISABLE). Of `require`: whether one can be had at this moment.
[[nodiscard]] bool is_supported(HugePages policy) noexcept;

/// The policy of what is dense by nature and was told no other: `PagedVec` and `PagePool`.
/// `HugePages::prefer` unless set. From any thread.
[[nodiscard]] HugePages default_huge_pages() noexcept;

/// Sets it, for the whole process and for memory that is committed from now on. `require` is no
/// default that a vector could grow by (contract check).
void set_default_huge_pages(HugePages policy) noexcept;

}  // namespace memory_pages
