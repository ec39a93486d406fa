// SPDX-License-Identifier: MIT
#include "verbs/place.hpp"

#include "os/memory.hpp"
#include "os/query.hpp"
#include "os/reserve.hpp"
#include "verbs/ranges.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#pragma GCC visibility push(hidden)

namespace memory_pages::detail {
namespace {

constexpr std::uintptr_t last_address = std::numeric_limits<std::uintptr_t>::max();

/// Windows and macOS have no addresses below it, and Linux keeps them free (vm.mmap_min_addr).
constexpr std::uintptr_t lowest_address = 0x10000;

std::byte* pointer_to(std::uintptr_t address) noexcept {
    return reinterpret_cast<std::byte*>(address);  // NOLINT(performance-no-int-to-ptr)
}

/// What to reserve: as near to `address` as possible, in [low, high).
struct Wanted {
    std::uintptr_t address;
    std::size_t bytes;
    std::size_t step;  ///< Addresses are multiples of it.
    std::uintptr_t low;
    std::uintptr_t high;
};

/// The same with no end further away than `reach`.
Wanted within_reach(Wanted wanted, std::size_t reach) noexcept {
    const std::uintptr_t address = wanted.address;
    wanted.low = std::max(wanted.low, address - std::min(reach, address));
    wanted.high = std::min(wanted.high, address + std::min(reach, last_address - address));
    return wanted;
}

/// A place for the pages, and the distance of their furthest end from the wanted address.
struct Place {
    std::uintptr_t at = 0;  ///< 0: no place.
    std::size_t distance = std::numeric_limits<std::size_t>::max();
};

/// The nearest place in a free range with an end further away than `beyond`.
Place nearest_in(std::uintptr_t first, std::uintptr_t end, const Wanted& wanted,
                 std::size_t beyond) noexcept {
    const std::uintptr_t from = std::max(first, wanted.low);
    const std::uintptr_t to = std::min(end, wanted.high);
    const std::uintptr_t lowest = from + (-from & (wanted.step - 1));
    if (lowest < from || to < wanted.bytes || lowest > to - wanted.bytes) {
        return {};
    }
    const std::uintptr_t highest = rounded_down(to - wanted.bytes, wanted.step);
    Place best;
    const auto consider = [&](std::uintptr_t where) noexcept {
        const std::uintptr_t at = std::clamp(where, lowest, highest);
        const std::size_t before = wanted.address - std::min(at, wanted.address);
        const std::size_t behind = std::max(at + wanted.bytes, wanted.address) - wanted.address;
        const std::size_t distance = std::max(before, behind);
        if (distance > beyond && distance < best.distance) {
            best = {at, distance};
        }
    };
    consider(rounded_down(wanted.address, wanted.step));
    if (beyond != 0) {
        // The first places on each side that reach further.
        const std::uintptr_t before = wanted.address - std::min(beyond, wanted.address);
        consider(rounded_down(before - std::min<std::uintptr_t>(before, 1), wanted.step));
        const std::uintptr_t behind =
            wanted.address + std::min(beyond, last_address - wanted.address);
        consider(rounded_down(behind - std::min(wanted.bytes, behind), wanted.step) + wanted.step);
    }
    return best;
}

/// The nearest place in all free ranges; no place if there is none. Nothing if the system does not
/// list its regions.
std::optional<Place> nearest_room(const Wanted& wanted, std::size_t beyond) noexcept {
    const CoreResult<Walk*> walk = os::start_walk();
    if (!walk) {
        return std::nullopt;
    }
    std::optional<Place> best = Place();
    for (std::uintptr_t free = wanted.low; best;) {
        const CoreResult<os::RegionInfo> region = os::region_from(**walk, free);
        if (!region) {
            best = std::nullopt;
            break;
        }
        const bool is_last = region->bytes == 0;
        const std::uintptr_t end = is_last ? last_address : region->first;
        // Not all addresses behind the last region belong to programs.
        if (end > free && (!is_last || best->at == 0)) {
            const Place place = nearest_in(free, end, wanted, beyond);
            best = place.distance < best->distance ? place : *best;
        }
        if (is_last || end >= wanted.high ||
            (end > wanted.address && end - wanted.address > best->distance)) {
            break;
        }
        free = std::max(free, region->first + region->bytes);
    }
    os::end_walk(*walk);
    return best;
}

/// Reads which ranges are free, and reserves the nearest one that no other thread takes first.
/// Nothing if the system does not list them, or a few tries fail.
std::optional<CoreResult<std::byte*>> reserve_in_room(const Wanted& wanted) noexcept {
    constexpr int most_tries = 16;
    std::size_t beyond = 0;
    for (int tries = 0; tries < most_tries; ++tries) {
        const std::optional<Place> place = nearest_room(wanted, beyond);
        if (!place) {
            return std::nullopt;
        }
        if (place->at == 0 && beyond == 0) {
            return std::unexpected(Error::address_not_available);
        }
        if (place->at == 0) {
            beyond = 0;  // What another thread took may be free again.
            continue;
        }
        const CoreResult<std::byte*> base = os::reserve_at(pointer_to(place->at), wanted.bytes);
        if (base || base.error() != Error::address_in_use) {
            return base;
        }
        beyond = place->distance;
    }
    return std::nullopt;
}

/// Tries addresses before and behind at growing distances: each a quarter further than the one
/// before it, at least one step.
CoreResult<std::byte*> reserve_outward(const Wanted& wanted) noexcept {
    const std::uintptr_t middle =
        std::clamp(rounded_down(wanted.address, wanted.step), rounded_down(wanted.low, wanted.step),
                   rounded_down(wanted.high, wanted.step));
    constexpr std::size_t furthest = std::size_t{1} << 46;
    Error error = Error::address_not_available;
    bool is_room_before = true;
    bool is_room_behind = true;
    for (std::size_t steps = 0;
         steps < furthest / wanted.step && (is_room_before || is_room_behind);
         steps += std::max<std::size_t>(steps / 4, 1)) {
        const std::size_t behind = steps * wanted.step;
        const std::size_t before = behind + rounded_up(wanted.bytes, wanted.step);
        for (const bool is_before : {true, false}) {
            bool& is_room = is_before ? is_room_before : is_room_behind;
            const std::uintptr_t at = is_before ? middle - before : middle + behind;
            is_room = is_room && (is_before ? at < middle : at >= middle);
            if (is_room && at >= wanted.low && at <= wanted.high - wanted.bytes) {
                const CoreResult<std::byte*> base = os::reserve_at(pointer_to(at), wanted.bytes);
                if (base) {
                    return base;
                }
                // Refused for another reason than a taken address: further away is no room either.
                is_room = base.error() == Error::address_in_use;
                error = is_room ? error : base.error();
            }
        }
    }
    return std::unexpected(error);
}

/// Reserves as near as possible: at the address itself, in the nearest room, and where a system
/// does not say what is free, at growing distances.
CoreResult<std::byte*> reserve_near(const Wanted& wanted) noexcept {
    const Place nearest = nearest_in(wanted.low, wanted.high, wanted, 0);
    if (nearest.at == 0) {
        return std::unexpected(Error::address_not_available);
    }
    if (const CoreResult<std::byte*> base = os::reserve_at(pointer_to(nearest.at), wanted.bytes)) {
        return base;
    }
    // Few of the regions of a large process are that close.
    constexpr std::size_t close = std::size_t{1} << 31;
    std::optional<CoreResult<std::byte*>> base = reserve_in_room(within_reach(wanted, close));
    if (base && !*base && base->error() == Error::address_not_available) {
        base = reserve_in_room(wanted);
    }
    return base ? *base : reserve_outward(wanted);
}

}  // namespace

BadPlacement fault_of(const Placement& placement, std::size_t bytes,
                      std::size_t alignment) noexcept {
    const AddressRange range = placement.within;
    const bool is_within = range != AddressRange();
    const bool is_near = placement.near_to != Address();
    if (is_within && range.low >= range.high) {
        return BadPlacement::empty_range;
    }
    if (placement.reach != 0 && !is_near) {
        return BadPlacement::only_reach;
    }
    const std::uintptr_t at = Address(placement.at).number();
    if (at == 0) {
        return BadPlacement::none;
    }
    if (is_near) {
        return BadPlacement::at_and_near_to;
    }
    if (is_within && (at < range.low || at >= range.high || bytes > range.high - at)) {
        return BadPlacement::at_not_within;
    }
    return at % std::max(alignment, os::allocation_granularity()) != 0 ? BadPlacement::at_between
                                                                       : BadPlacement::none;
}

CoreResult<std::byte*> reserve_placed(std::size_t bytes, std::size_t alignment,
                                      const Placement& placement) noexcept {
    if (fault_of(placement, bytes, alignment) != BadPlacement::none) {
        return invalid_argument();
    }
    const AddressRange range = placement.within;
    if (const std::uintptr_t at = Address(placement.at).number(); at != 0) {
        return os::reserve_at(pointer_to(at), bytes);
    }
    const bool is_within = range != AddressRange();
    const std::uintptr_t low = std::max(range.low, lowest_address);
    const std::uintptr_t near = placement.near_to.number();
    Wanted wanted{.address = near != 0 ? near : low,
                  .bytes = bytes,
                  .step = std::max(alignment, os::allocation_granularity()),
                  .low = low,
                  .high = is_within ? range.high : last_address};
    if (placement.reach != 0) {
        wanted = within_reach(wanted, placement.reach);
    }
    const CoreResult<std::byte*> base = reserve_near(wanted);
    const bool is_bounded = is_within || placement.reach != 0;
    return base || is_bounded ? base : os::reserve(bytes, alignment);
}

}  // namespace memory_pages::detail

#pragma GCC visibility pop
