// SPDX-License-Identifier: MIT
#include "verbs/verbs.hpp"

#include <algorithm>
#include <array>

namespace memory_pages::detail::verbs {
namespace {

/// Passes the pages that ranges touch to `verb`, many at once. Merges each range with the one
/// before it if they touch or overlap.
template <class Verb>
CoreResult<void> in_batches(std::byte* base, std::span<const ByteRange> ranges,
                            Verb verb) noexcept {
    constexpr std::size_t most = 256;  // 4 KiB of stack; 1024 are no faster.
    std::array<os::Range, most> batch;
    std::size_t count = 0;
    const std::size_t page = os::page_size();
    for (const ByteRange range : ranges) {
        if (range.bytes == 0) {
            continue;
        }
        const ByteRange pages = rounded_outward(range, page);
        std::byte* const first = base + pages.offset;
        std::byte* const end = first + pages.bytes;
        if (count != 0) {
            os::Range& last = batch[count - 1];
            std::byte* const last_end = last.base + last.bytes;
            if (first <= last_end && last.base <= end) {
                last.base = std::min(first, last.base);
                last.bytes = static_cast<std::size_t>(std::max(end, last_end) - last.base);
                continue;
            }
        }
        if (count == most) {
            if (CoreResult<void> done = verb(std::span<const os::Range>(batch)); !done) {
                return done;
            }
            count = 0;
        }
        batch[count++] = {first, pages.bytes};
    }
    return count == 0 ? CoreResult<void>() : verb(std::span<const os::Range>(batch).first(count));
}

/// `on_whole_units` for many ranges.
template <class Verb>
CoreResult<void> on_whole_units_in_batches(const Extent& extent, std::span<const ByteRange> ranges,
                                           Verb verb) noexcept {
    if (!are_all_within(extent, ranges, extent.unit)) {
        return invalid_argument();
    }
    for (const ByteRange range : ranges) {
        os::forget_poison(extent.base + range.offset, range.bytes);
    }
    return in_batches(extent.base, ranges, verb);
}

}  // namespace

bool are_all_within(const Extent& extent, std::span<const ByteRange> ranges,
                    std::size_t unit) noexcept {
    return std::ranges::all_of(ranges, [&](ByteRange range) noexcept {
        return lies_within(range, extent.bytes) && are_whole_units(range, unit);
    });
}

CoreResult<void> advise(const Extent& extent, std::span<const ByteRange> ranges,
                        Advice advice) noexcept {
    if (!are_all_within(extent, ranges, 1)) {
        return invalid_argument();
    }
    return in_batches(extent.base, ranges, [advice](std::span<const os::Range> batch) noexcept {
        return os::advise_all(batch, advice);
    });
}

CoreResult<void> decommit(const Extent& extent, std::span<const ByteRange> ranges) noexcept {
    return on_whole_units_in_batches(extent, ranges, os::decommit_all);
}

CoreResult<void> discard(const Extent& extent, std::span<const ByteRange> ranges) noexcept {
    return on_whole_units_in_batches(extent, ranges, os::discard_all);
}

}  // namespace memory_pages::detail::verbs
