// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What a reservation knows, out of line: it lives until its last holder goes.

#include <memory_pages/detail/address_space.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/options.hpp>

#include "books/page_set.hpp"

#include <atomic>
#include <cstddef>
#include <utility>

namespace memory_pages::detail {

/// Address space, and which pages of it belong to living ranges. Its holders are the reservation
/// and these ranges; the last one's `let_go` ends it. All members may be called by many threads at
/// once.
class ReservationBooks {
public:
    [[nodiscard]] static Result<ReservationBooks*> open(std::size_t bytes,
                                                        ReservationOptions options) noexcept;

    [[nodiscard]] const AddressSpace& space() const noexcept { return space_; }

    /// Holders besides the reservation itself, while that is one.
    [[nodiscard]] std::size_t ranges() const noexcept {
        return holders_.load(std::memory_order_acquire) - 1;
    }

    /// Whether these are whole pages of it, at least one.
    [[nodiscard]] bool has_pages(std::size_t offset, std::size_t bytes) const noexcept {
        const std::size_t size = space_.size();
        return bytes != 0 && ((offset | bytes) & ((std::size_t{1} << page_shift_) - 1)) == 0 &&
               offset <= size && bytes <= size - offset;
    }
    /// Whether, besides, they belong to no living range.
    [[nodiscard]] bool are_free(std::size_t offset, std::size_t bytes) const noexcept;

    /// Commits pages for a range, which holds this from now on.
    [[nodiscard]] Result<void> begin_range(std::size_t offset, std::size_t bytes,
                                           Access access) noexcept;
    /// Of a range that is there: its pages go back to reserved ones. If the system refuses, they
    /// stay out of use.
    void end_range(std::size_t offset, std::size_t bytes) noexcept;

    void hold() noexcept { holders_.fetch_add(1, std::memory_order_relaxed); }
    void let_go() noexcept {
        if (holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            delete this;
        }
    }

private:
    ReservationBooks(AddressSpace&& space, int page_shift) noexcept
        : space_(std::move(space)), page_shift_(page_shift), taken_(space_.size() >> page_shift) {}
    ~ReservationBooks() = default;

    AddressSpace space_;
    int page_shift_;
    PageSet taken_;
    std::atomic<std::size_t> holders_ = 1;
};

}  // namespace memory_pages::detail
