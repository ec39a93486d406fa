// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The untyped owner below the ranges of a reservation.

#include <memory_pages/access.hpp>
#include <memory_pages/advice.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/ranges.hpp>
#include <memory_pages/writing_code.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace memory_pages::detail {

class ReservationTracker;

/// Committed pages of a reservation. Its end makes them reserved pages again. The verbs are those
/// of `Mapping`.
class RangeMapping {
public:
    static constexpr const char* name = "PageRange";  ///< In messages.

    /// Commits pages of a reservation.
    [[nodiscard]] static Result<RangeMapping> commit(ReservationTracker* tracker,
                                                     std::size_t offset, std::size_t bytes,
                                                     Access access) noexcept;

    RangeMapping() noexcept = default;
    RangeMapping(RangeMapping&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0)),
          tracker_(std::exchange(other.tracker_, nullptr)) {}
    RangeMapping& operator=(RangeMapping&& other) noexcept {
        RangeMapping taken(std::move(other));
        taken.swap(*this);
        return *this;
    }
    ~RangeMapping() {
        if (tracker_ != nullptr) {
            give_back();
        }
    }

    void swap(RangeMapping& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(tracker_, other.tracker_);
    }

    [[nodiscard]] std::uint8_t* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    [[nodiscard]] static bool is_enforced(Access access) noexcept;
    [[nodiscard]] Result<void> protect(Access from, Access to) noexcept;
    [[nodiscard]] Result<void> advise(Advice advice, std::size_t offset,
                                      std::size_t bytes) const noexcept;
    [[nodiscard]] Result<void> populate(std::size_t offset, std::size_t bytes,
                                        Access access) const noexcept;
    [[nodiscard]] Result<void> collapse(std::size_t offset, std::size_t bytes) const noexcept;
    [[nodiscard]] Result<void> decommit(std::size_t offset, std::size_t bytes) noexcept;
    [[nodiscard]] Result<void> discard(std::size_t offset, std::size_t bytes) noexcept;
    [[nodiscard]] Result<void> zero(std::size_t offset, std::size_t bytes) noexcept;
    [[nodiscard]] Result<void> advise(Advice advice,
                                      std::span<const ByteRange> ranges) const noexcept;
    [[nodiscard]] Result<void> decommit(std::span<const ByteRange> ranges) noexcept;
    [[nodiscard]] Result<void> discard(std::span<const ByteRange> ranges) noexcept;
    [[nodiscard]] Result<void> publish(std::size_t offset, std::size_t bytes,
                                       Publish code) noexcept;

    /// As `Mapping::split` and `Mapping::join`, without a system call.
    [[nodiscard]] Result<RangeMapping> split(std::size_t offset) noexcept;
    [[nodiscard]] Result<void> join(RangeMapping& other) noexcept;

    /// The offset in the reservation of this tracker, in bytes.
    [[nodiscard]] std::size_t offset_in(const ReservationTracker* tracker) const noexcept;

private:
    RangeMapping(std::uint8_t* data, std::size_t size, ReservationTracker* tracker) noexcept
        : data_(data), size_(size), tracker_(tracker) {}

    void give_back() noexcept;

    std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
    ReservationTracker* tracker_ = nullptr;
};

}  // namespace memory_pages::detail
