// SPDX-License-Identifier: MIT
#include <memory_pages/detail/address_space.hpp>

#include "os/os.hpp"

#include <algorithm>
#include <cstdint>

namespace memory_pages::detail {
namespace {

std::unexpected<std::error_code> invalid_argument() noexcept {
    return std::unexpected(std::make_error_code(std::errc::invalid_argument));
}

std::byte* pointer_to(std::uintptr_t address) noexcept {
    return reinterpret_cast<std::byte*>(address);  // NOLINT(performance-no-int-to-ptr)
}

/// Tries places before and behind `wanted`, further and further away, each a quarter further than
/// the one before it or at least the next; the first that is free. Where none is, any place.
Result<std::byte*> reserve_near(std::uintptr_t wanted, std::size_t bytes,
                                std::size_t alignment) noexcept {
    const std::size_t step = std::max(alignment, os::allocation_granularity());
    const std::uintptr_t middle = wanted & ~(step - 1);
    constexpr std::size_t furthest = std::size_t{1} << 46;
    bool is_room_before = true;
    bool is_room_behind = true;
    for (std::size_t steps = 0; steps < furthest / step && (is_room_before || is_room_behind);
         steps += std::max<std::size_t>(steps / 4, 1)) {
        const std::size_t behind = steps * step;
        const std::size_t before = behind + ((bytes + step - 1) & ~(step - 1));
        for (const bool is_before : {true, false}) {
            bool& is_room = is_before ? is_room_before : is_room_behind;
            const std::uintptr_t place = is_before ? middle - before : middle + behind;
            is_room = is_room && (is_before ? place != 0 && place < middle : place >= middle);
            if (is_room) {
                Result<std::byte*> base = os::reserve_at(pointer_to(place), bytes);
                if (base) {
                    return base;
                }
                // Not for what is there, but for want of room: further away is none either.
                is_room = base.error() == std::errc::address_in_use;
            }
        }
    }
    return os::reserve(bytes, alignment);
}

/// Exactly at an address, or near one.
Result<std::byte*> reserve_there(std::size_t bytes, std::size_t alignment,
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

Result<AddressSpace> AddressSpace::reserve(std::size_t bytes, ReservationOptions options) noexcept {
    const std::size_t alignment = std::max<std::size_t>(options.alignment, 1);
    if (bytes == 0 || (alignment & (alignment - 1)) != 0) [[unlikely]] {
        return invalid_argument();
    }
    const std::size_t page = os::page_size();
    const std::size_t size = (bytes + page - 1) & ~(page - 1);
    if (size == 0) [[unlikely]] {  // The sum has overflowed.
        return std::unexpected(std::make_error_code(std::errc::not_enough_memory));
    }
    const Result<std::byte*> base = options.at == nullptr && options.near_to == nullptr
                                        ? os::reserve(size, alignment)
                                        : reserve_there(size, alignment, options);
    if (!base) [[unlikely]] {
        return std::unexpected(base.error());
    }
    return AddressSpace(*base, size);
}

void AddressSpace::release(std::byte* data, std::size_t size) noexcept { os::release(data, size); }

void AddressSpace::give_up_front(std::size_t bytes) noexcept {
    if (size_ > bytes) {
        os::release(data_ + bytes, size_ - bytes);
    }
    forget();
}

Result<void> AddressSpace::commit(std::size_t offset, std::size_t bytes,
                                  Access access) const noexcept {
    return os::commit(data_ + offset, bytes, access);
}

Result<void> AddressSpace::uncommit(std::size_t offset, std::size_t bytes) const noexcept {
    return os::uncommit(data_ + offset, bytes);
}

Result<void> AddressSpace::protect(std::size_t offset, std::size_t bytes,
                                   Access access) const noexcept {
    std::byte* const base = data_ + offset;
    return allows(access, Access::exec) ? os::make_executable(base, bytes, Access::none, access)
                                        : os::protect(base, bytes, access);
}

}  // namespace memory_pages::detail
