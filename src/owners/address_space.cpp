// SPDX-License-Identifier: MIT
#include <memory_pages/detail/address_space.hpp>

#include "os/memory.hpp"
#include "os/poison.hpp"
#include "os/query.hpp"
#include "os/reserve.hpp"
#include "verbs/ranges.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace memory_pages::detail {
namespace {

std::byte* pointer_to(std::uintptr_t address) noexcept {
    return reinterpret_cast<std::byte*>(address);  // NOLINT(performance-no-int-to-ptr)
}

/// A range to reserve near an address.
struct Near {
    std::uintptr_t wanted;
    std::size_t bytes;
    std::size_t step;  ///< Addresses are multiples of it.
};

/// An address, and the distance of its furthest byte from the wanted address.
struct Place {
    std::uintptr_t at = 0;
    std::size_t distance = std::numeric_limits<std::size_t>::max();
};

/// The nearest place in a free range, further away than `beyond`; else no place.
Place nearest_in(std::uintptr_t first, std::uintptr_t end, const Near& near,
                 std::size_t beyond) noexcept {
    const std::uintptr_t lowest = std::max(first + (-first & (near.step - 1)), near.step);
    if (lowest < first || end < near.bytes || lowest > end - near.bytes) {
        return {};
    }
    const std::uintptr_t highest = rounded_down(end - near.bytes, near.step);
    if (highest < lowest) {
        return {};
    }
    const std::uintptr_t at = std::clamp(rounded_down(near.wanted, near.step), lowest, highest);
    const std::size_t before = near.wanted - std::min(at, near.wanted);
    const std::size_t behind = std::max(at + near.bytes, near.wanted) - near.wanted;
    const std::size_t distance = std::max(before, behind);
    return distance > beyond ? Place{at, distance} : Place{};
}

/// The nearest place in all free ranges from `from` on; no place if the system does not list
/// regions.
Place nearest_room(std::uintptr_t from, const Near& near, std::size_t beyond) noexcept {
    const CoreResult<Walk*> walk = os::start_walk();
    if (!walk) {
        return {};
    }
    Place best;
    for (std::uintptr_t free = from;;) {
        const CoreResult<os::RegionInfo> region = os::region_from(**walk, free);
        const bool is_last = !region || region->bytes == 0;
        const std::uintptr_t end = is_last ? ~std::uintptr_t{0} : region->first;
        if (region && end > free) {
            const Place place = nearest_in(free, end, near, beyond);
            best = place.distance < best.distance ? place : best;
        }
        if (is_last || (end > near.wanted && end - near.wanted > best.distance)) {
            break;
        }
        free = std::max(free, region->first + region->bytes);
    }
    os::end_walk(*walk);
    return best;
}

/// Reads which ranges are free, and reserves the nearest one that no other thread takes first. Null
/// after a few failed tries.
std::byte* reserve_in_room(const Near& near) noexcept {
    constexpr int most_tries = 16;
    constexpr std::size_t close = std::size_t{1} << 31;  // The reach of 32-bit jumps.
    std::size_t beyond = 0;
    for (int tries = 0; tries < most_tries; ++tries) {
        Place place;
        if (near.wanted > close && beyond < close) {
            place = nearest_room(rounded_down(near.wanted - close, near.step), near, beyond);
        }
        if (place.distance > close) {
            place = nearest_room(0, near, beyond);
        }
        if (place.at == 0) {
            return nullptr;
        }
        const CoreResult<std::byte*> base = os::reserve_at(pointer_to(place.at), near.bytes);
        if (base || base.error() != Error::address_in_use) {
            return base.value_or(nullptr);
        }
        beyond = place.distance;
    }
    return nullptr;
}

/// Reserves as near as possible. If the system does not list free ranges, this tries addresses
/// before and behind at growing distances: each a quarter further than the one before it, at least
/// one step. If none is free, reserves anywhere.
CoreResult<std::byte*> reserve_near(std::uintptr_t wanted, std::size_t bytes,
                                    std::size_t alignment) noexcept {
    const std::size_t step = std::max(alignment, os::allocation_granularity());
    if (std::byte* const base = reserve_in_room({wanted, bytes, step})) {
        return base;
    }
    const std::uintptr_t middle = rounded_down(wanted, step);
    constexpr std::size_t furthest = std::size_t{1} << 46;
    bool is_room_before = true;
    bool is_room_behind = true;
    for (std::size_t steps = 0; steps < furthest / step && (is_room_before || is_room_behind);
         steps += std::max<std::size_t>(steps / 4, 1)) {
        const std::size_t behind = steps * step;
        const std::size_t before = behind + rounded_up(bytes, step);
        for (const bool is_before : {true, false}) {
            bool& is_room = is_before ? is_room_before : is_room_behind;
            const std::uintptr_t place = is_before ? middle - before : middle + behind;
            is_room = is_room && (is_before ? place != 0 && place < middle : place >= middle);
            if (is_room) {
                CoreResult<std::byte*> base = os::reserve_at(pointer_to(place), bytes);
                if (base) {
                    return base;
                }
                // Refused for another reason than a taken address: further away is no room either.
                is_room = base.error() == Error::address_in_use;
            }
        }
    }
    return os::reserve(bytes, alignment);
}

/// Reserves exactly at an address, or near one.
CoreResult<std::byte*> reserve_there(std::size_t bytes, std::size_t alignment,
                                     const ReservationOptions& options) noexcept {
    const auto at = reinterpret_cast<std::uintptr_t>(options.at);
    if (at == 0) {
        return reserve_near(reinterpret_cast<std::uintptr_t>(options.near_to), bytes, alignment);
    }
    if (options.near_to != nullptr || at % std::max(alignment, os::allocation_granularity()) != 0) {
        return invalid_argument();
    }
    return os::reserve_at(pointer_to(at), bytes);
}

}  // namespace

CoreResult<AddressSpace> AddressSpace::reserve(std::size_t bytes,
                                               ReservationOptions options) noexcept {
    const std::size_t alignment = std::max<std::size_t>(options.alignment, 1);
    if ((alignment & (alignment - 1)) != 0) [[unlikely]] {
        return invalid_argument();
    }
    const CoreResult<std::size_t> size = whole_units(bytes, os::page_size());
    if (!size) [[unlikely]] {
        return std::unexpected(size.error());
    }
    const CoreResult<std::byte*> base = options.at == nullptr && options.near_to == nullptr
                                            ? os::reserve(*size, alignment)
                                            : reserve_there(*size, alignment, options);
    if (!base) [[unlikely]] {
        return std::unexpected(base.error());
    }
    return AddressSpace(*base, *size);
}

void AddressSpace::release(std::byte* data, std::size_t size) noexcept {
    os::forget_poison(data, size);
    os::release(data, size);
}

void AddressSpace::give_up_front(std::size_t bytes) noexcept {
    if (size_ > bytes) {
        release(data_ + bytes, size_ - bytes);
    }
    forget();
}

CoreResult<void> AddressSpace::commit(std::size_t offset, std::size_t bytes,
                                      Access access) const noexcept {
    return os::commit(data_ + offset, bytes, access);
}

CoreResult<void> AddressSpace::uncommit(std::size_t offset, std::size_t bytes) const noexcept {
    os::forget_poison(data_ + offset, bytes);
    return os::uncommit(data_ + offset, bytes);
}

}  // namespace memory_pages::detail
