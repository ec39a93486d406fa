// SPDX-License-Identifier: MIT
#include "windows_aligned.hpp"

#include "os.hpp"
#include "windows_api.hpp"

#include <cstdint>

namespace memory_pages::os {
namespace {

std::byte* reserve(void* where, std::size_t bytes) noexcept {
    return static_cast<std::byte*>(::VirtualAlloc(where, bytes, MEM_RESERVE, PAGE_NOACCESS));
}

/// Address space at a multiple of an alignment above the granularity, where Windows does not choose
/// such a place by itself: a larger piece is given back, and a part of its place taken. Another
/// thread may be there first, so it is tried several times.
std::byte* reserve_by_trial(std::size_t bytes, std::size_t alignment) noexcept {
    constexpr int trials = 16;
    const std::size_t slack = alignment - allocation_granularity();
    if (bytes > PTRDIFF_MAX - slack) {
        return nullptr;
    }
    for (int trial = 0; trial < trials; ++trial) {
        std::byte* const piece = reserve(nullptr, bytes + slack);
        if (piece == nullptr) {
            return nullptr;
        }
        std::byte* const aligned = piece + (-reinterpret_cast<std::uintptr_t>(piece) % alignment);
        (void)::VirtualFree(piece, 0, MEM_RELEASE);
        if (std::byte* const base = reserve(aligned, bytes)) {
            return base;
        }
    }
    return nullptr;
}

}  // namespace

std::byte* reserve_aligned(std::size_t bytes, std::size_t alignment) noexcept {
    // Headers show it to programs only that give up Windows before 10, version 1803.
    using VirtualAlloc2 =
        PVOID WINAPI(HANDLE, PVOID, SIZE_T, ULONG, ULONG, MEM_EXTENDED_PARAMETER*, ULONG);
    static auto* const virtual_alloc_2 = look_up<VirtualAlloc2>("VirtualAlloc2");
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

Result<std::byte*> reserve_at(std::byte* where, std::size_t bytes) noexcept {
    const KeepLastError keep;
    std::byte* const base = reserve(static_cast<void*>(where), bytes);
    if (base == nullptr) {
        return std::unexpected(std::make_error_code(std::errc::address_in_use));
    }
    return base;
}

}  // namespace memory_pages::os
