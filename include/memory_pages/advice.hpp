// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Hints to the kernel about coming use. A hint never changes contents; verbs that give contents up
/// are `decommit`, `discard` and `zero`.

namespace memory_pages {

/// How a range of pages will be used. The values are not bits and cannot be combined.
enum class Advice {
    normal,      ///< Cancels earlier `sequential` or `random`.
    use_soon,    ///< Used soon: read the pages in now if they are not in memory.
    sequential,  ///< Used in order, from front to back.
    random,      ///< Used in random order: reading ahead does not pay.
    /// Not used soon: reclaim these pages first when memory is short. Acts once, on the pages that
    /// are resident now; the next use makes a page active again. Linux: MADV_COLD (5.4), which
    /// deactivates the pages. macOS: MADV_DONTNEED, which deactivates them and keeps every byte.
    /// Windows: ignored.
    cold,

    /// Not used for long: reclaim these pages now. Their bytes go to swap or the page file, and the
    /// next use reads them back. Locked pages are not reclaimed. Linux: MADV_PAGEOUT (5.4). Without
    /// swap nothing is reclaimed, and the kernel still visits each page; with zswap or zram the
    /// bytes stay in memory, compressed. Windows: VirtualUnlock, which removes pages that are not
    /// locked from the working set: they no longer count as resident, and are written to the page
    /// file when another process needs the memory. macOS: ignored.
    page_out,

    /// Never merge these pages with pages that hold the same bytes: the time of a write then tells
    /// other processes nothing, and a write never copies. Merged pages are separated. Holds until
    /// other code gives other advice (MADV_MERGEABLE, PR_SET_MEMORY_MERGE). Linux:
    /// MADV_UNMERGEABLE. Windows and macOS: ignored.
    never_merge,
};

/// Whether the running system acts on this advice. Advice that a system does not support is
/// accepted and ignored.
///
/// Not cached: each call makes system calls. Linux: `madvise(2)` on a page of the library, and for
/// `page_out` also `sysinfo(2)`, since it needs swap. Windows: for `page_out`, VirtualUnlock on
/// such a page.
[[nodiscard]] bool is_supported(Advice advice) noexcept;

}  // namespace memory_pages
