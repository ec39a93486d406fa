// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The state of a reservation, in memory of its own: it lives until its last holder ends.

#include <memory_pages/detail/address_space.hpp>
#include <memory_pages/detail/core_error.hpp>
#include <memory_pages/options.hpp>

#include "os/heap.hpp"
#include "tracking/page_set.hpp"
#include "verbs/ranges.hpp"

#include <atomic>
#include <cstddef>
#include <utility>

namespace memory_pages::detail {

/// Address space, and which pages of it belong to living ranges. Its holders are the reservation
/// and the ranges; the last `unref` destroys it. All members may be called from many threads at
/// once.
class ReservationTracker {
public:
    [[nodiscard]] static CoreResult<ReservationTracker*> open(std::size_t bytes,
                                                              ReservationOptions options) noexcept;

    [[nodiscard]] const AddressSpace& space() const noexcept { return space_; }

    /// The number of holders besides the reservation, while that exists.
    [[nodiscard]] std::size_t ranges() const noexcept {
        return holders_.load(std::memory_order_acquire) - 1;
    }

    /// Whether these are whole pages of the reservation, at least one.
    [[nodiscard]] bool has_pages(std::size_t offset, std::size_t bytes) const noexcept {
        const ByteRange range{offset, bytes};
        return bytes != 0 && are_whole_units(range, std::size_t{1} << page_shift_) &&
               lies_within(range, space_.size());
    }
    /// The same, and whether they belong to no living range.
    [[nodiscard]] bool are_free(std::size_t offset, std::size_t bytes) const noexcept;

    /// Commits pages for a range, which is a holder from now on.
    [[nodiscard]] CoreResult<void> begin_range(std::size_t offset, std::size_t bytes,
                                               Access access) noexcept;
    /// Ends a range: its pages become reserved ones. If the system refuses, they stay out of use.
    void end_range(std::size_t offset, std::size_t bytes) noexcept;

    /// Allocates the memory to track pages that are committed without a range, as far as possible.
    void prepare_untyped() noexcept { (void)untyped_.make_room(0, space_.size() >> page_shift_); }

    /// Commits those of these free pages that are not committed; the others stay as they are. A
    /// refusal changes nothing.
    [[nodiscard]] CoreResult<void> commit_untyped(std::size_t offset, std::size_t bytes,
                                                  Access access) noexcept;
    /// Whether these are whole pages, at least one, and all are committed without a range.
    [[nodiscard]] bool are_committed_untyped(std::size_t offset, std::size_t bytes) const noexcept {
        const std::size_t end = (offset + bytes) >> page_shift_;
        return has_pages(offset, bytes) && untyped_.find(false, offset >> page_shift_, end) == end;
    }
    [[nodiscard]] CoreResult<void> uncommit_untyped(std::size_t offset, std::size_t bytes) noexcept;

    void ref() noexcept { holders_.fetch_add(1, std::memory_order_relaxed); }
    void unref() noexcept {
        if (holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            this->~ReservationTracker();
            os::deallocate(this);
        }
    }

private:
    ReservationTracker(AddressSpace&& space, int page_shift) noexcept
        : space_(std::move(space)),
          page_shift_(page_shift),
          taken_(space_.size() >> page_shift),
          untyped_(space_.size() >> page_shift) {}
    ~ReservationTracker() = default;

    AddressSpace space_;
    int page_shift_;
    PageSet taken_;
    PageSet untyped_;  ///< Pages committed without a range.
    std::atomic<bool> is_any_untyped_ = false;
    std::atomic<std::size_t> holders_ = 1;
};

}  // namespace memory_pages::detail
