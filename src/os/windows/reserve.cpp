// SPDX-License-Identifier: MIT
// Source: Microsoft's reference of the memory management functions.
#include "os/reserve.hpp"
#include "os/memory.hpp"
#include "os/shared.hpp"
#include "os/windows/api.hpp"
#include "os/windows/calls.hpp"
#include "os/windows/virtual_memory.hpp"

#include <cstddef>
#include <cstdint>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

std::byte* reserve_there(void* where, std::size_t bytes) noexcept {
    return static_cast<std::byte*>(::VirtualAlloc(where, bytes, MEM_RESERVE, PAGE_NOACCESS));
}

/// Reserves at an alignment above the granularity on versions of Windows that cannot align:
/// reserves a larger piece, releases it, and reserves an aligned part. Another thread may be
/// faster, so this tries several times.
std::byte* reserve_by_trial(std::size_t bytes, std::size_t alignment) noexcept {
    constexpr int trials = 16;
    const std::size_t slack = alignment - os::allocation_granularity();
    if (bytes > PTRDIFF_MAX - slack) {
        return nullptr;
    }
    for (int trial = 0; trial < trials; ++trial) {
        std::byte* const piece = reserve_there(nullptr, bytes + slack);
        if (piece == nullptr) {
            return nullptr;
        }
        std::byte* const aligned = piece + (-reinterpret_cast<std::uintptr_t>(piece) % alignment);
        (void)::VirtualFree(piece, 0, MEM_RELEASE);
        if (std::byte* const base = reserve_there(aligned, bytes)) {
            return base;
        }
    }
    return nullptr;
}

/// Reserves at an alignment above the granularity; null if there is no room.
std::byte* reserve_aligned(std::size_t bytes, std::size_t alignment) noexcept {
    // Headers declare it only for programs that require Windows 10, version 1803.
    using VirtualAlloc2 =
        PVOID WINAPI(HANDLE, PVOID, SIZE_T, ULONG, ULONG, MEM_EXTENDED_PARAMETER*, ULONG);
    static constinit os::LookedUp<VirtualAlloc2> found("VirtualAlloc2");
    auto* const virtual_alloc_2 = found.get();
    if (virtual_alloc_2 == nullptr) {
        return reserve_by_trial(bytes, alignment);
    }
    MEM_ADDRESS_REQUIREMENTS place{};
    place.Alignment = alignment;
    MEM_EXTENDED_PARAMETER parameter{};
    parameter.Type = MemExtendedParameterAddressRequirements;
    parameter.Pointer = &place;
    return static_cast<std::byte*>(virtual_alloc_2(::GetCurrentProcess(), nullptr, bytes,
                                                   MEM_RESERVE, PAGE_NOACCESS, &parameter, 1));
}

}  // namespace

os::Result<std::byte*> os::reserve(std::size_t bytes, std::size_t alignment) noexcept {
    const KeepLastError keep;
    std::byte* const base = alignment <= allocation_granularity()
                                ? reserve_there(nullptr, bytes)
                                : reserve_aligned(bytes, alignment);
    if (base == nullptr) {
        // Windows has several error codes for it, but only address space can be missing.
        return std::unexpected(os::Error::not_enough_memory);
    }
    return base;
}

os::Result<std::byte*> os::reserve_at(std::byte* where, std::size_t bytes) noexcept {
    const KeepLastError keep;
    std::byte* const base = reserve_there(where, bytes);
    if (base == nullptr) {
        return std::unexpected(os::Error::address_in_use);
    }
    return base;
}

void os::release(std::byte* base, std::size_t bytes) noexcept { unmap(base, bytes); }

os::Result<void> os::commit(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepLastError keep;
    return commit_patiently(base, bytes, native(access));
}

os::Result<void> os::uncommit(std::byte* base, std::size_t bytes) noexcept {
    const KeepLastError keep;
    return take_away(base, bytes);
}

os::Result<void> os::move(std::byte*, std::size_t, std::byte*) noexcept { return not_supported(); }

bool os::can_move() noexcept { return false; }

// VirtualFree releases only whole allocations, committed at once or later.
void os::reservation_to_mapping(std::byte*, std::size_t, std::size_t) noexcept {}

void os::mapping_to_reservation(std::byte*, std::size_t) noexcept {}

}  // namespace memory_pages

#pragma GCC visibility pop
