// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Hints to the kernel about coming use. A hint never changes contents; what gives contents up
/// is a verb of its own (`decommit`, `discard`, `zero`).

namespace memory_pages {

/// How a range of pages is going to be used. A closed set: the values are not bits and cannot be
/// joined.
enum class Advice {
    normal,      ///< Forget earlier advice.
    use_soon,    ///< Will be used soon: bring it in now if it is not there.
    sequential,  ///< Will be walked from front to back.
    random,      ///< Will be used in no order: reading ahead would be waste.
};

/// Whether this system does anything when it is given this advice. Advice that it does not know
/// is accepted and ignored.
///
/// Linux: asked from the kernel at each call, by `madvise(2)` on a page of the library's own.
[[nodiscard]] bool is_supported(Advice advice) noexcept;

}  // namespace memory_pages
