// SPDX-License-Identifier: MIT
#include <memory_pages/detail/address_space.hpp>

#include "os/memory.hpp"
#include "os/poison.hpp"
#include "os/reserve.hpp"
#include "verbs/place.hpp"
#include "verbs/ranges.hpp"

#include <algorithm>

namespace memory_pages::detail {

CoreResult<AddressSpace> AddressSpace::reserve(std::size_t bytes, std::size_t alignment,
                                               const Placement& placement) noexcept {
    const std::size_t multiple = std::max<std::size_t>(alignment, 1);
    if ((multiple & (multiple - 1)) != 0) [[unlikely]] {
        return invalid_argument();
    }
    const CoreResult<std::size_t> size = whole_units(bytes, os::page_size());
    if (!size) [[unlikely]] {
        return std::unexpected(size.error());
    }
    const CoreResult<std::byte*> base = placement == Placement()
                                            ? os::reserve(*size, multiple)
                                            : reserve_placed(*size, multiple, placement);
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
