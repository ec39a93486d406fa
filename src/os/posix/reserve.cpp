// SPDX-License-Identifier: MIT
// Reservation verbs shared by all POSIX systems. munmap(2) unmaps any pages, however they were
// reserved.
#include "os/reserve.hpp"

#include "os/memory.hpp"

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages {

void os::reservation_to_mapping(std::byte* base, std::size_t bytes, std::size_t kept) noexcept {
    if (bytes != kept) {
        unmap(base + kept, bytes - kept);
    }
}

void os::mapping_to_reservation(std::byte* /*base*/, std::size_t /*bytes*/) noexcept {}

}  // namespace memory_pages

#pragma GCC visibility pop
