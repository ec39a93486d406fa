// SPDX-License-Identifier: MIT
#include "tracking/reservation_tracker.hpp"

#include <memory_pages/page_size.hpp>

#include "os/any.hpp"
#include "os/poison.hpp"

#include <bit>
#include <new>

namespace memory_pages::detail {

CoreResult<ReservationTracker*> ReservationTracker::open(std::size_t bytes,
                                                         ReservationOptions options) noexcept {
    CoreResult<AddressSpace> space = AddressSpace::reserve(bytes, options);
    if (!space) {
        return std::unexpected(space.error());
    }
    void* const memory = os::allocate(sizeof(ReservationTracker));
    if (memory == nullptr) {
        return std::unexpected(Error::not_enough_memory);
    }
    return ::new (memory) ReservationTracker(std::move(*space), std::countr_zero(page_size()));
}

bool ReservationTracker::are_free(std::size_t offset, std::size_t bytes) const noexcept {
    return has_pages(offset, bytes) &&
           (taken_.is_untouched() || !taken_.has_any(offset >> page_shift_, bytes >> page_shift_));
}

CoreResult<void> ReservationTracker::begin_range(std::size_t offset, std::size_t bytes,
                                                 Access access) noexcept {
    const std::size_t first = offset >> page_shift_;
    const std::size_t count = bytes >> page_shift_;
    if (!has_pages(offset, bytes) || (is_any_untyped_.load(std::memory_order_relaxed) &&
                                      untyped_.has_any(first, count))) [[unlikely]] {
        return std::unexpected(Error::invalid_argument);
    }
    if (const Error error = taken_.insert(first, count); error != Error{}) [[unlikely]] {
        return std::unexpected(error);
    }
    CoreResult<void> done = space_.commit(offset, bytes, access);
    if (!done) {
        taken_.erase(first, count);
        return done;
    }
    ref();
    return done;
}

void ReservationTracker::end_range(std::size_t offset, std::size_t bytes) noexcept {
    if (space_.uncommit(offset, bytes)) {
        taken_.erase(offset >> page_shift_, bytes >> page_shift_);
    }
    unref();
}

CoreResult<void> ReservationTracker::commit_untyped(std::size_t offset, std::size_t bytes,
                                                    Access access) noexcept {
    const std::size_t first = offset >> page_shift_;
    const std::size_t end = (offset + bytes) >> page_shift_;
    if (!untyped_.make_room(first, end - first)) {
        return std::unexpected(Error::not_enough_memory);
    }
    is_any_untyped_.store(true, std::memory_order_relaxed);
    // Calls `act` for each run of pages before `last` that are not committed.
    const auto for_each_run = [&](std::size_t last, auto act) noexcept {
        CoreResult<void> done;
        for (std::size_t run = untyped_.find(false, first, last); run != last && done;) {
            const std::size_t behind = untyped_.find(true, run, last);
            done = act(run, behind - run);
            run = untyped_.find(false, behind, last);
        }
        return done;
    };
    std::size_t last = first;
    CoreResult<void> done = for_each_run(end, [&](std::size_t run, std::size_t count) noexcept {
        last = run;
        return space_.commit(run << page_shift_, count << page_shift_, access);
    });
    if (!done) {
        (void)for_each_run(last, [&](std::size_t run, std::size_t count) noexcept {
            return space_.uncommit(run << page_shift_, count << page_shift_);
        });
        return done;
    }
    untyped_.add(first, end - first);
    return done;
}

CoreResult<void> ReservationTracker::uncommit_untyped(std::size_t offset,
                                                      std::size_t bytes) noexcept {
    std::byte* const base = space_.data() + offset;
    os::forget_poison(base, bytes);
    CoreResult<void> done = os::uncommit_any(base, bytes);
    if (done) {
        untyped_.remove(offset >> page_shift_, bytes >> page_shift_);
    }
    return done;
}

}  // namespace memory_pages::detail
