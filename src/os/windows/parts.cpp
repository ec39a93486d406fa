// SPDX-License-Identifier: MIT
// Windows releases only whole allocations, so this counts the remaining parts of each split
// allocation. VirtualQuery returns the allocation of an address. Each copy of the library in a
// process counts the parts that it has split itself.
#include "os/heap.hpp"
#include "os/memory.hpp"
#include "os/reserve.hpp"
#include "os/shared.hpp"
#include "os/windows/api.hpp"

#include <array>
#include <cstdint>
#include <memory>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

struct Whole {
    const std::byte* base;
    std::size_t parts;
    Whole* next;
};

struct Destroy {
    void operator()(Whole* whole) const noexcept { os::destroy(whole); }
};
using OwnedWhole = std::unique_ptr<Whole, Destroy>;

constinit SRWLOCK the_lock = SRWLOCK_INIT;
constinit std::array<Whole*, 256> wholes{};

/// Held only for accesses to the table: no system calls, no allocations.
class Lock {
public:
    Lock() noexcept { ::AcquireSRWLockExclusive(&the_lock); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock() { ::ReleaseSRWLockExclusive(&the_lock); }
};

/// The start of the allocation of these pages.
std::byte* whole_of(std::byte* base) noexcept {
    MEMORY_BASIC_INFORMATION region{};
    (void)::VirtualQuery(base, &region, sizeof region);
    return static_cast<std::byte*>(region.AllocationBase);
}

/// The link to the entry of an allocation, or where to insert it. Called with the lock.
Whole*& place_of(const std::byte* base) noexcept {
    Whole** place = &wholes[reinterpret_cast<std::uintptr_t>(base) / 65536 % wholes.size()];
    while (*place != nullptr && (*place)->base != base) {
        place = &(*place)->next;
    }
    return *place;
}

/// Removes an entry from the table; it is deleted after the lock is released.
OwnedWhole taken_out(Whole*& place) noexcept {
    OwnedWhole whole(place);
    place = whole->next;
    return whole;
}

}  // namespace

os::Result<void> os::note_split(std::byte* base, bool is_part) noexcept {
    const KeepLastError keep;
    const std::byte* const allocation = whole_of(base);
    if (is_part) {
        const Lock lock;
        Whole* const whole = place_of(allocation);
        if (whole == nullptr) {  // Another copy of the library counts its parts.
            return not_supported();
        }
        ++whole->parts;
        return {};
    }
    OwnedWhole fresh(os::create<Whole>(allocation, std::size_t{2}, nullptr));
    if (!fresh) {
        return std::unexpected(os::Error::not_enough_memory);
    }
    const Lock lock;
    Whole*& place = place_of(allocation);
    if (place != nullptr) {
        place->parts = 2;  // Earlier parts here were released, and unmapped by other code.
    } else {
        place = fresh.release();
    }
    return {};
}

void os::note_join(std::byte* base, bool is_part) noexcept {
    const KeepLastError keep;
    const std::byte* const allocation = whole_of(base);
    OwnedWhole gone;
    const Lock lock;
    Whole*& place = place_of(allocation);
    if (place == nullptr) {
        return;
    }
    if (is_part) {
        --place->parts;
    } else {
        gone = taken_out(place);
    }
}

void os::unmap_part(std::byte* base, std::size_t bytes) noexcept {
    const KeepLastError keep;
    std::byte* const allocation = whole_of(base);
    // Before the count: when the last part is counted, none is in use. Large pages stay until then.
    (void)uncommit(base, bytes);
    OwnedWhole gone;
    {
        const Lock lock;
        Whole*& place = place_of(allocation);
        if (place != nullptr && --place->parts == 0) {
            gone = taken_out(place);
        }
    }
    if (gone) {
        unmap(allocation, 0);
    }
}

}  // namespace memory_pages

#pragma GCC visibility pop
