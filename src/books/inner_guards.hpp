// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Which pages of a mapping are guards, and how these were made.

#include "books/page_set.hpp"
#include "os/os.hpp"

#include <memory_pages/error.hpp>
#include <memory_pages/ranges.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>

namespace memory_pages::detail {

class InnerGuards {
public:
    /// Of a mapping of so many bytes.
    explicit InnerGuards(std::size_t bytes) noexcept : pages_(bytes / os::page_size()) {}

    /// `marks` as long as all that were ever made here are.
    [[nodiscard]] os::Guards how() const noexcept { return how_; }
    void note_pages_apart() noexcept { how_ = os::Guards::pages_apart; }

    [[nodiscard]] bool make_room(ByteRange pages) noexcept {
        return pages_.make_room(pages.offset >> shift_, pages.bytes >> shift_);
    }
    [[nodiscard]] bool contains(std::size_t offset) const noexcept {
        return pages_.has_any(offset >> shift_, 1);
    }

    /// Hands `act` one after the other the parts of a range in which all pages are guards, or none
    /// is, up to one for which it fails.
    template <class Act>
    Result<void> for_parts(bool of_guards, ByteRange range, Act act) const noexcept {
        const std::size_t end = range.offset + range.bytes;
        const std::size_t last = (end + os::page_size() - 1) >> shift_;
        std::size_t next = range.offset >> shift_;
        while ((next = pages_.find(of_guards, next, last)) != last) {
            const std::size_t first = next;
            next = pages_.find(!of_guards, first, last);
            const std::size_t offset = std::max(first << shift_, range.offset);
            if (Result<void> done = act(ByteRange{offset, std::min(next << shift_, end) - offset});
                !done) {
                return done;
            }
        }
        return {};
    }

    /// The same, and where one fails `undo` for all before it.
    template <class Act, class Undo>
    Result<void> for_all_parts(bool of_guards, ByteRange range, Act act, Undo undo) const noexcept {
        std::size_t done_up_to = range.offset;
        Result<void> done = for_parts(of_guards, range, [&](ByteRange part) noexcept {
            Result<void> acted = act(part);
            if (acted) {
                done_up_to = part.offset + part.bytes;
            }
            return acted;
        });
        if (!done) {
            (void)for_parts(of_guards, {range.offset, done_up_to - range.offset},
                            [&](ByteRange part) noexcept {
                                (void)undo(part);
                                return Result<void>();
                            });
        }
        return done;
    }

    /// All pages of a range are guards from now on, and there is room for them; or none is.
    void add(ByteRange pages) noexcept {
        pages_.add(pages.offset >> shift_, pages.bytes >> shift_);
    }
    void remove(ByteRange pages) noexcept {
        pages_.remove(pages.offset >> shift_, pages.bytes >> shift_);
    }

private:
    PageSet pages_;
    int shift_ = std::countr_zero(os::page_size());  ///< From bytes to pages.
    os::Guards how_ = os::Guards::marks;
};

}  // namespace memory_pages::detail
