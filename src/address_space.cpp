// SPDX-License-Identifier: MIT
#include <memory_pages/detail/address_space.hpp>
#include <memory_pages/page_size.hpp>

#include "os/os.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>

namespace memory_pages::detail {
namespace {

std::unexpected<std::error_code> invalid_argument() noexcept {
    return std::unexpected(std::make_error_code(std::errc::invalid_argument));
}

std::byte* pointer_to(std::uintptr_t address) noexcept {
    return reinterpret_cast<std::byte*>(address);  // NOLINT(performance-no-int-to-ptr)
}

/// Tries places before and behind `near`, further and further away, each a quarter further than the
/// one before it or at least the next; the first that is free. Where none is, any place.
Result<std::byte*> reserve_near(std::uintptr_t near, std::size_t bytes,
                                std::size_t alignment) noexcept {
    const std::size_t step = std::max(alignment, os::allocation_granularity());
    const std::uintptr_t middle = near & ~(step - 1);
    constexpr std::size_t furthest = std::size_t{1} << 46;
    for (std::size_t steps = 0; steps < furthest / step;
         steps += std::max<std::size_t>(steps / 4, 1)) {
        const std::size_t behind = steps * step;
        const std::size_t before = behind + ((bytes + step - 1) & ~(step - 1));
        if (middle > before) {
            if (Result<std::byte*> base = os::reserve_at(pointer_to(middle - before), bytes)) {
                return base;
            }
        }
        if (middle + behind > middle || steps == 0) {
            if (Result<std::byte*> base = os::reserve_at(pointer_to(middle + behind), bytes)) {
                return base;
            }
        }
    }
    return os::reserve(bytes, alignment);
}

}  // namespace

Result<AddressSpace> AddressSpace::reserve(std::size_t bytes, ReservationOptions options) noexcept {
    const std::size_t alignment = std::max<std::size_t>(options.alignment, 1);
    const auto at = reinterpret_cast<std::uintptr_t>(options.at);
    const auto near = reinterpret_cast<std::uintptr_t>(options.near);
    const std::size_t unit = std::max(alignment, os::allocation_granularity());
    if (bytes == 0 || !std::has_single_bit(alignment) || at % unit != 0 || (at != 0 && near != 0)) {
        return invalid_argument();
    }
    const std::optional<std::size_t> size = round_up_to_pages(bytes);
    if (!size) {
        return std::unexpected(std::make_error_code(std::errc::not_enough_memory));
    }
    const Result<std::byte*> base = at != 0     ? os::reserve_at(pointer_to(at), *size)
                                    : near != 0 ? reserve_near(near, *size, alignment)
                                                : os::reserve(*size, alignment);
    if (!base) {
        return std::unexpected(base.error());
    }
    return AddressSpace(*base, *size);
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
