// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The verbs on ranges: each checks its range, rounds it, and makes one call of the system. Owners
/// pass their extents. The verbs for one range are inline, to keep call paths short.

#include <memory_pages/access.hpp>
#include <memory_pages/advice.hpp>
#include <memory_pages/detail/core_error.hpp>
#include <memory_pages/ranges.hpp>

#include "os/advice.hpp"
#include "os/code.hpp"
#include "os/contents.hpp"
#include "os/huge.hpp"
#include "os/memory.hpp"
#include "os/poison.hpp"
#include "verbs/ranges.hpp"

#include <cstddef>
#include <span>

#pragma GCC visibility push(hidden)

namespace memory_pages::detail::verbs {

/// Whole pages of an owner.
struct Extent {
    std::byte* base;
    std::size_t bytes;
    std::size_t unit;  ///< The smallest unit that can be given back: a page, or a huge page.
};

// -- a range, checked and handed to a verb of the system as address and bytes ---------------------

// Ranges are in bytes from the start. Outside the extent: `invalid_argument`.

/// For a verb that takes any bytes: calls `verb` unless the range is empty.
template <class Verb>
CoreResult<void> on_bytes(const Extent& extent, ByteRange range, Verb verb) noexcept {
    if (!lies_within(range, extent.bytes)) {
        return invalid_argument();
    }
    if (range.bytes == 0) {
        return {};
    }
    return verb(extent.base + range.offset, range.bytes);
}

/// For a hint: calls `verb` for the pages that the range touches, unless it is empty.
template <class Verb>
CoreResult<void> on_touched_pages(const Extent& extent, ByteRange range, Verb verb) noexcept {
    if (!lies_within(range, extent.bytes)) {
        return invalid_argument();
    }
    if (range.bytes == 0) {
        return {};
    }
    const ByteRange pages = rounded_outward(range, os::page_size());
    return verb(extent.base + pages.offset, pages.bytes);
}

/// For a verb that changes contents: calls `verb` for whole units, unless the range is empty.
template <class Verb>
CoreResult<void> on_whole_units(const Extent& extent, ByteRange range, Verb verb) noexcept {
    if (!lies_within(range, extent.bytes) || !are_whole_units(range, extent.unit)) {
        return invalid_argument();
    }
    if (range.bytes == 0) {
        return {};
    }
    os::forget_poison(extent.base + range.offset, range.bytes);
    return verb(extent.base + range.offset, range.bytes);
}

/// Whether all ranges lie within the extent, in whole units (1: of any size).
[[nodiscard]] bool are_all_within(const Extent& extent, std::span<const ByteRange> ranges,
                                  std::size_t unit) noexcept;

/// The same for many ranges, one after the other. If one range is invalid, nothing is done.
template <class Verb>
CoreResult<void> on_each_touched_pages(const Extent& extent, std::span<const ByteRange> ranges,
                                       Verb verb) noexcept {
    if (!are_all_within(extent, ranges, 1)) {
        return invalid_argument();
    }
    for (const ByteRange range : ranges) {
        if (CoreResult<void> done = on_touched_pages(extent, range, verb); !done) {
            return done;
        }
    }
    return {};
}

template <class Verb>
CoreResult<void> on_each_whole_units(const Extent& extent, std::span<const ByteRange> ranges,
                                     Verb verb) noexcept {
    if (!are_all_within(extent, ranges, extent.unit)) {
        return invalid_argument();
    }
    for (const ByteRange range : ranges) {
        if (CoreResult<void> done = on_whole_units(extent, range, verb); !done) {
            return done;
        }
    }
    return {};
}

// -- hints: rounded outward to whole pages --------------------------------------------------------

[[nodiscard]] inline CoreResult<void> advise(const Extent& extent, ByteRange range,
                                             Advice advice) noexcept {
    return on_touched_pages(extent, range, [advice](std::byte* base, std::size_t bytes) noexcept {
        return os::advise(base, bytes, advice);
    });
}

/// Whether pages can be made resident: that needs the right to read or to write.
[[nodiscard]] inline bool can_populate(Access access) noexcept {
    return allows(access, Access::read) || allows(access, Access::write);
}

/// `invalid_argument` also for pages that may be neither read nor written.
[[nodiscard]] inline CoreResult<void> populate(const Extent& extent, ByteRange range,
                                               Access access) noexcept {
    if (!can_populate(access)) {
        return invalid_argument();
    }
    return on_touched_pages(extent, range, [access](std::byte* base, std::size_t bytes) noexcept {
        return os::populate(base, bytes, access);
    });
}

[[nodiscard]] inline CoreResult<void> collapse(const Extent& extent, ByteRange range) noexcept {
    return on_touched_pages(extent, range, os::collapse);
}

// -- changes of contents: whole units exactly -----------------------------------------------------

[[nodiscard]] inline CoreResult<void> decommit(const Extent& extent, ByteRange range) noexcept {
    return on_whole_units(extent, range, os::decommit);
}

[[nodiscard]] inline CoreResult<void> discard(const Extent& extent, ByteRange range) noexcept {
    return on_whole_units(extent, range, os::discard);
}

[[nodiscard]] inline CoreResult<void> zero(const Extent& extent, ByteRange range) noexcept {
    return on_whole_units(extent, range, os::zero);
}

/// Publishes a range of executable pages: every thread runs what was written there.
[[nodiscard]] inline CoreResult<void> publish(const Extent& extent, ByteRange range,
                                              Publish code) noexcept {
    return on_bytes(extent, range, [code](std::byte* base, std::size_t bytes) noexcept {
        return os::publish(base, bytes, code);
    });
}

// -- many ranges, in few calls. If one range is invalid, nothing is done. -------------------------

[[nodiscard]] CoreResult<void> advise(const Extent& extent, std::span<const ByteRange> ranges,
                                      Advice advice) noexcept;
[[nodiscard]] CoreResult<void> decommit(const Extent& extent,
                                        std::span<const ByteRange> ranges) noexcept;
[[nodiscard]] CoreResult<void> discard(const Extent& extent,
                                       std::span<const ByteRange> ranges) noexcept;

}  // namespace memory_pages::detail::verbs

#pragma GCC visibility pop
