// SPDX-License-Identifier: MIT
#include <memory_pages/detail/check.hpp>
#include <memory_pages/detail/refusal.hpp>
#include <memory_pages/page_size.hpp>
#include <memory_pages/reservation.hpp>

#include "tracking/reservation_tracker.hpp"
#include "verbs/by_address.hpp"
#include "verbs/protect.hpp"
#include "verbs/ranges.hpp"
#include "verbs/verbs.hpp"

namespace memory_pages {

Reservation::Reservation(std::size_t bytes, ReservationOptions options) : tracker_(nullptr) {
    const detail::CoreResult<detail::ReservationTracker*> tracker =
        detail::ReservationTracker::open(bytes, options);
    if (!tracker) [[unlikely]] {
        detail::raise_options(tracker.error(), "Reservation", bytes, options);
    }
    tracker_ = *tracker;
}

Result<Reservation> Reservation::try_new(std::size_t bytes, ReservationOptions options) noexcept {
    const detail::CoreResult<detail::ReservationTracker*> tracker =
        detail::ReservationTracker::open(bytes, options);
    if (!tracker) {
        return std::unexpected(tracker.error());
    }
    return Reservation(**tracker);
}

void Reservation::close() noexcept {
    if constexpr (detail::checks_enabled) {
        if (const std::size_t ranges = tracker_->ranges(); ranges != 0) {
            detail::fail_count("Reservation", "ended under living ranges", ranges);
        }
    }
    tracker_->unref();
}

std::size_t Reservation::size() const noexcept {
    return tracker_ == nullptr ? 0 : tracker_->space().size();
}

std::uint8_t* Reservation::address() const noexcept {
    return reinterpret_cast<std::uint8_t*>(live("Reservation::address")->space().data());
}

std::size_t Reservation::ranges() const noexcept { return live("Reservation::ranges")->ranges(); }

UntypedReservation Reservation::untyped() const& noexcept {
    detail::ReservationTracker* const tracker = live("Reservation::untyped");
    tracker->prepare_untyped();
    return UntypedReservation(tracker);
}

// -- untyped --------------------------------------------------------------------------------------

void UntypedReservation::raise(std::error_code error, const char* call, ByteRange range) const {
    const char* reason = "the pages do not allow this access";
    if (!tracker_->are_free(range.offset, range.bytes)) {
        reason = "pages of the range are in use already";
    } else if (!tracker_->are_committed_untyped(range.offset, range.bytes)) {
        reason = "pages of the range are not committed by this view";
    }
    detail::raise_reserved(error, call, range, tracker_->space().size(), reason);
}

Result<void> UntypedReservation::try_commit(std::size_t offset, std::size_t bytes,
                                            Access access) const noexcept {
    return tracker_->are_free(offset, bytes) ? tracker_->commit_untyped(offset, bytes, access)
                                             : detail::CoreResult<void>(detail::invalid_argument());
}

Result<void> UntypedReservation::try_uncommit(std::size_t offset,
                                              std::size_t bytes) const noexcept {
    return tracker_->are_free(offset, bytes) ? tracker_->uncommit_untyped(offset, bytes)
                                             : detail::CoreResult<void>(detail::invalid_argument());
}

namespace {

/// Calls a verb for pages that the view has committed.
template <class Verb>
detail::CoreResult<void> on_committed(const detail::ReservationTracker& tracker, ByteRange range,
                                      Verb verb) noexcept {
    if (!tracker.are_committed_untyped(range.offset, range.bytes)) {
        return detail::invalid_argument();
    }
    const detail::AddressSpace& space = tracker.space();
    return verb(detail::verbs::Extent{space.data(), space.size(), page_size()});
}

}  // namespace

Result<void> UntypedReservation::try_protect(std::size_t offset, std::size_t bytes,
                                             Access access) const noexcept {
    return on_committed(*tracker_, {offset, bytes}, [=](const auto& extent) noexcept {
        return detail::verbs::protect_any(extent.base + offset, bytes, access);
    });
}

Result<void> UntypedReservation::try_decommit(std::size_t offset,
                                              std::size_t bytes) const noexcept {
    return on_committed(*tracker_, {offset, bytes}, [=](const auto& extent) noexcept {
        return detail::verbs::decommit(extent, ByteRange{offset, bytes});
    });
}

Result<void> UntypedReservation::try_discard(std::size_t offset, std::size_t bytes) const noexcept {
    return on_committed(*tracker_, {offset, bytes}, [=](const auto& extent) noexcept {
        return detail::verbs::discard(extent, ByteRange{offset, bytes});
    });
}

Result<void> UntypedReservation::try_zero(std::size_t offset, std::size_t bytes) const noexcept {
    return on_committed(*tracker_, {offset, bytes}, [=](const auto& extent) noexcept {
        return detail::verbs::zero(extent, {offset, bytes});
    });
}

Result<void> UntypedReservation::try_populate(std::size_t offset, std::size_t bytes,
                                              Access access) const noexcept {
    if (!allows(Access::read_write_exec, access)) {
        return detail::invalid_argument();
    }
    return on_committed(*tracker_, {offset, bytes}, [=](const auto& extent) noexcept {
        return detail::verbs::populate(extent, {offset, bytes}, access);
    });
}

Result<void> UntypedReservation::try_advise(Advice advice, std::size_t offset,
                                            std::size_t bytes) const noexcept {
    return on_committed(*tracker_, {offset, bytes}, [=](const auto& extent) noexcept {
        return detail::verbs::advise(extent, ByteRange{offset, bytes}, advice);
    });
}

Result<void> UntypedReservation::try_set_huge_pages(HugePages policy, std::size_t offset,
                                                    std::size_t bytes) const noexcept {
    return on_committed(*tracker_, {offset, bytes}, [=](const auto& extent) noexcept {
        return detail::by_address::set_huge_pages(extent.base + offset, bytes, policy);
    });
}

Result<void> UntypedReservation::try_collapse(std::size_t offset,
                                              std::size_t bytes) const noexcept {
    return on_committed(*tracker_, {offset, bytes}, [=](const auto& extent) noexcept {
        return detail::verbs::collapse(extent, {offset, bytes});
    });
}

Result<void> UntypedReservation::try_publish(std::size_t offset, std::size_t bytes,
                                             Publish code) const noexcept {
    const ByteRange range{offset, bytes};
    if (!detail::lies_within(range, tracker_->space().size())) {
        return detail::invalid_argument();
    }
    if (bytes == 0) {
        return {};
    }
    const ByteRange pages = detail::rounded_outward(range, page_size());
    return on_committed(*tracker_, pages, [=](const auto& extent) noexcept {
        return detail::verbs::publish(extent, range, code);
    });
}

}  // namespace memory_pages
