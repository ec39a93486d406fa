// SPDX-License-Identifier: MIT
#include <memory_pages/untyped.hpp>

#include <memory_pages/detail/address_space.hpp>
#include <memory_pages/detail/core_error.hpp>
#include <memory_pages/detail/mapping.hpp>

#include "os/memory.hpp"
#include "verbs/by_address.hpp"
#include "verbs/ranges.hpp"

namespace memory_pages {

namespace by_address = detail::by_address;

Result<std::byte*> untyped::map(std::size_t bytes, Access access,
                                const PageOptions& options) noexcept {
    const std::size_t unit = detail::Mapping::unit_of(options.huge_pages);
    if (!detail::are_whole_units({0, bytes}, unit) || !allows(Access::read_write_exec, access)) {
        return detail::invalid_argument();
    }
    Result<detail::Mapping> mapping = detail::Mapping::map(bytes, access, options);
    if (!mapping) {
        return std::unexpected(mapping.error());
    }
    return detail::bytes_at(mapping->release().data(), 0);
}

Result<void> untyped::unmap(void* address, std::size_t bytes) noexcept {
    return by_address::unmap(address, bytes);
}

Result<std::byte*> untyped::resize(void* address, std::size_t old_bytes, std::size_t new_bytes,
                                   Move move) noexcept {
    return by_address::resize(address, old_bytes, new_bytes, move == Move::allowed);
}

Result<std::byte*> untyped::reserve(std::size_t bytes, const ReservationOptions& options) noexcept {
    if (!detail::are_whole_units({0, bytes}, os::page_size())) {
        return detail::invalid_argument();
    }
    detail::CoreResult<detail::AddressSpace> space = detail::AddressSpace::reserve(bytes, options);
    if (!space) {
        return std::unexpected(space.error());
    }
    std::byte* const base = space->data();
    space->forget();
    return base;
}

Result<void> untyped::unreserve(void* address, std::size_t bytes) noexcept {
    return by_address::unmap(address, bytes);
}

Result<void> untyped::commit(void* address, std::size_t bytes, Access access) noexcept {
    return by_address::commit(address, bytes, access);
}

Result<void> untyped::uncommit(void* address, std::size_t bytes) noexcept {
    return by_address::uncommit(address, bytes);
}

Result<void> untyped::protect(void* address, std::size_t bytes, Access access) noexcept {
    return by_address::protect(address, bytes, access);
}

Result<void> untyped::publish(void* address, std::size_t bytes, Publish code) noexcept {
    return by_address::publish(address, bytes, code);
}

Result<void> untyped::decommit(void* address, std::size_t bytes) noexcept {
    return by_address::decommit(address, bytes);
}

Result<void> untyped::discard(void* address, std::size_t bytes) noexcept {
    return by_address::discard(address, bytes);
}

Result<void> untyped::zero(void* address, std::size_t bytes) noexcept {
    return by_address::zero(address, bytes);
}

Result<void> untyped::populate(void* address, std::size_t bytes, Access access) noexcept {
    return by_address::populate(address, bytes, access);
}

Result<void> untyped::advise(void* address, std::size_t bytes, Advice advice) noexcept {
    return by_address::advise(address, bytes, advice);
}

Result<void> untyped::set_huge_pages(void* address, std::size_t bytes, HugePages policy) noexcept {
    return by_address::set_huge_pages(address, bytes, policy);
}

Result<void> untyped::collapse(void* address, std::size_t bytes) noexcept {
    return by_address::collapse(address, bytes);
}

}  // namespace memory_pages
