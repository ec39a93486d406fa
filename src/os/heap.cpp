// SPDX-License-Identifier: MIT
#include "os/heap.hpp"

#include <cstdlib>

#pragma GCC visibility push(hidden)

namespace memory_pages {

void* os::allocate(std::size_t bytes) noexcept { return std::malloc(bytes); }

void os::deallocate(void* memory) noexcept { std::free(memory); }

}  // namespace memory_pages

#pragma GCC visibility pop
