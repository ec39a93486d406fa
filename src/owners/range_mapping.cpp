// SPDX-License-Identifier: MIT
#include <memory_pages/detail/range_mapping.hpp>

#include <memory_pages/detail/borrow.hpp>
#include <memory_pages/detail/check.hpp>
#include <memory_pages/page_size.hpp>

#include "os/memory.hpp"
#include "tracking/reservation_tracker.hpp"
#include "verbs/protect.hpp"
#include "verbs/ranges.hpp"
#include "verbs/verbs.hpp"

namespace memory_pages::detail {
namespace {

verbs::Extent extent_of(const RangeMapping& mapping) noexcept {
    return {bytes_at(mapping.data(), 0), mapping.size(), page_size()};
}

}  // namespace

Result<RangeMapping> RangeMapping::commit(ReservationTracker* tracker, std::size_t offset,
                                          std::size_t bytes, Access access) noexcept {
    if (const CoreResult<void> done = tracker->begin_range(offset, bytes, access); !done)
        [[unlikely]] {
        return std::unexpected(done.error());
    }
    std::byte* const data = tracker->space().data() + offset;
    return RangeMapping(reinterpret_cast<std::uint8_t*>(data), bytes, tracker);
}

Result<RangeMapping> RangeMapping::split(std::size_t offset) noexcept {
    if (!can_split(size(), offset, page_size())) {
        return invalid_argument();
    }
    tracker_->ref();
    RangeMapping behind(data() + offset, size() - offset, tracker_);
    size_ = offset;
    return behind;
}

Result<void> RangeMapping::join(RangeMapping& other) noexcept {
    if (tracker_ != other.tracker_ || data() + size() != other.data()) {
        return invalid_argument();
    }
    size_ += other.size_;
    other.data_ = nullptr;
    other.size_ = 0;
    std::exchange(other.tracker_, nullptr)->unref();
    return {};
}

std::size_t RangeMapping::offset_in(const ReservationTracker* tracker) const noexcept {
    check(tracker_ == tracker, "Reservation::offset_of", "the range is not of this reservation");
    return static_cast<std::size_t>(reinterpret_cast<std::byte*>(data()) - tracker->space().data());
}

void RangeMapping::give_back() noexcept {
    if constexpr (borrows_counted) {
        check_not_borrowed("PageRange::~PageRange", data());
    }
    tracker_->end_range(offset_in(tracker_), size_);
}

// -- verbs on ranges ------------------------------------------------------------------------------

bool RangeMapping::is_enforced(Access access) noexcept { return os::is_enforced(access); }

Result<void> RangeMapping::protect(Access from, Access to) noexcept {
    return verbs::protect(bytes_at(data_, 0), size_, from, to);
}

Result<void> RangeMapping::advise(Advice advice, std::size_t offset,
                                  std::size_t bytes) const noexcept {
    return verbs::advise(extent_of(*this), ByteRange{offset, bytes}, advice);
}

Result<void> RangeMapping::advise(Advice advice, std::span<const ByteRange> ranges) const noexcept {
    return verbs::advise(extent_of(*this), ranges, advice);
}

Result<void> RangeMapping::populate(std::size_t offset, std::size_t bytes,
                                    Access access) const noexcept {
    return verbs::populate(extent_of(*this), {offset, bytes}, access);
}

Result<void> RangeMapping::collapse(std::size_t offset, std::size_t bytes) const noexcept {
    return verbs::collapse(extent_of(*this), {offset, bytes});
}

Result<void> RangeMapping::discard(std::size_t offset, std::size_t bytes) noexcept {
    return verbs::discard(extent_of(*this), ByteRange{offset, bytes});
}

Result<void> RangeMapping::discard(std::span<const ByteRange> ranges) noexcept {
    return verbs::discard(extent_of(*this), ranges);
}

Result<void> RangeMapping::publish(std::size_t offset, std::size_t bytes, Publish code) noexcept {
    return verbs::publish(extent_of(*this), {offset, bytes}, code);
}

Result<void> RangeMapping::decommit(std::size_t offset, std::size_t bytes) noexcept {
    return verbs::decommit(extent_of(*this), ByteRange{offset, bytes});
}

Result<void> RangeMapping::decommit(std::span<const ByteRange> ranges) noexcept {
    return verbs::decommit(extent_of(*this), ranges);
}

Result<void> RangeMapping::zero(std::size_t offset, std::size_t bytes) noexcept {
    return verbs::zero(extent_of(*this), {offset, bytes});
}

}  // namespace memory_pages::detail
