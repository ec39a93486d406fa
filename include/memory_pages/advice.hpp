// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Hints to the kernel about coming use. A hint never changes contents; what gives contents up
/// is a verb of its own (`decommit`, `discard`, `zero`).

namespace memory_pages {

/// How a range of pages is going to be used. A closed set: the values are not bits and cannot be
/// joined.
enum class Advice {
    normal,      ///< Forget earlier advice on order: `sequential` and `random`.
    use_soon,    ///< Will be used soon: bring it in now if it is not there.
    sequential,  ///< Will be walked from front to back.
    random,      ///< Will be used in no order: reading ahead would be waste.

    /// Will not be used soon: when memory is short, take this first. Said once of what is there
    /// now; a use makes it warm again. Linux: MADV_COLD (5.4), which takes away the marks of use.
    /// macOS: MADV_DONTNEED, which keeps every byte there and makes pages inactive. Windows: no.
    cold,

    /// Will not be used for long: its memory may go elsewhere now, and its bytes to swap or the
    /// page file, from where the next use brings them back. Of locked pages nothing goes.
    /// Linux: MADV_PAGEOUT (5.4). Without swap nothing can go, and it still looks at each page;
    /// what the zswap or zram of a system takes stays in memory, smaller. Windows: VirtualUnlock,
    /// which takes pages that are not locked out of the working set: they no longer count as
    /// resident, and are written when somebody else needs the memory. macOS: no.
    page_out,

    /// Is not to be shared with pages that hold the same bytes: how long a write takes then tells
    /// nobody what others hold, and costs no copy. What was merged is separated. Until advice by
    /// other means (MADV_MERGEABLE, PR_SET_MEMORY_MERGE). Linux: MADV_UNMERGEABLE. Windows and
    /// macOS: no such advice.
    never_merge,
};

/// Whether this system, as it runs here, does anything when it is given this advice. Advice that it
/// does not know is accepted and ignored.
///
/// Linux: asked from the kernel at each call, by `madvise(2)` on a page of the library's own; of
/// `page_out` also, by `sysinfo(2)`, whether there is swap. Windows, of `page_out`: tried with such
/// a page.
[[nodiscard]] bool is_supported(Advice advice) noexcept;

}  // namespace memory_pages
