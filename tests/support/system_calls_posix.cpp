// SPDX-License-Identifier: MIT
#include "system_calls.hpp"

#include <sys/mman.h>

namespace system_calls {

void* map(std::size_t bytes) {
    return ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
}

void unmap(void* base, std::size_t bytes) { ::munmap(base, bytes); }

}  // namespace system_calls
