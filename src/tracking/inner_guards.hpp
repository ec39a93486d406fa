// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Which pages of a mapping are guards, and how they were made.

#include "os/guard.hpp"
#include "os/memory.hpp"
#include "tracking/page_set.hpp"

#include <memory_pages/detail/core_error.hpp>
#include <memory_pages/ranges.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>

namespace memory_pages::detail {

class InnerGuards {
public:
    /// For a mapping of this many bytes.
    explicit InnerGuards(std::size_t bytes) noexcept : pages_(bytes / os::page_size()) {}

    /// `page_table_marker` if all guards that were ever made here are markers.
    [[nodiscard]] os::GuardMethod method() const noexcept { return method_; }
    void note_inaccessible_page() noexcept { method_ = os::GuardMethod::inaccessible_page; }

    [[nodiscard]] bool make_room(ByteRange pages) noexcept {
        return pages_.make_room(pages.offset >> shift_, pages.bytes >> shift_);
    }
    [[nodiscard]] bool contains(std::size_t offset) const noexcept {
        return pages_.has_any(offset >> shift_, 1);
    }

    /// Calls `act` for each part of a range whose pages are all guards (or all not guards), in
    /// order, up to the first failure.
    template <class Act>
    CoreResult<void> for_parts(bool of_guards, ByteRange range, Act act) const noexcept {
        const std::size_t end = range.offset + range.bytes;
        const std::size_t last = (end + os::page_size() - 1) >> shift_;
        std::size_t next = range.offset >> shift_;
        while ((next = pages_.find(of_guards, next, last)) != last) {
            const std::size_t first = next;
            next = pages_.find(!of_guards, first, last);
            const std::size_t offset = std::max(first << shift_, range.offset);
            if (CoreResult<void> done =
                    act(ByteRange{offset, std::min(next << shift_, end) - offset});
                !done) {
                return done;
            }
        }
        return {};
    }

    /// The same; after a failure calls `undo` for all parts before it. `undo` may `add` or `remove`
    /// its part.
    template <class Act, class Undo>
    CoreResult<void> for_all_parts(bool of_guards, ByteRange range, Act act,
                                   Undo undo) const noexcept {
        std::size_t done_up_to = range.offset;
        CoreResult<void> done = for_parts(of_guards, range, [&](ByteRange part) noexcept {
            CoreResult<void> acted = act(part);
            if (acted) {
                done_up_to = part.offset + part.bytes;
            }
            return acted;
        });
        if (!done) {
            (void)for_parts(of_guards, {range.offset, done_up_to - range.offset},
                            [&](ByteRange part) noexcept {
                                undo(part);
                                return CoreResult<void>();
                            });
        }
        return done;
    }

    /// Marks all pages of a range as guards, for which room was made; `remove` unmarks them.
    void add(ByteRange pages) noexcept {
        pages_.add(pages.offset >> shift_, pages.bytes >> shift_);
    }
    void remove(ByteRange pages) noexcept {
        pages_.remove(pages.offset >> shift_, pages.bytes >> shift_);
    }

private:
    PageSet pages_;
    int shift_ = std::countr_zero(os::page_size());  ///< From bytes to pages.
    os::GuardMethod method_ = os::GuardMethod::page_table_marker;
};

}  // namespace memory_pages::detail
