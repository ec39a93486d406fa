// SPDX-License-Identifier: MIT
#include "os/heap.hpp"
#include "fake_os/state.hpp"

#include <cstdlib>

#pragma GCC visibility push(hidden)

namespace memory_pages {

void* os::allocate(std::size_t bytes) noexcept {
    std::size_t& left = fake::state().allocations_left;
    return left != 0 && --left == 0 ? nullptr : std::malloc(bytes);
}

void os::deallocate(void* memory) noexcept { std::free(memory); }

}  // namespace memory_pages

#pragma GCC visibility pop
