// SPDX-License-Identifier: MIT
#include "system_calls.hpp"

#include <sys/mman.h>

namespace system_calls {

void* map(std::size_t bytes) {
    return ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
}

void unmap(void* base, std::size_t bytes) { ::munmap(base, bytes); }

void* reserve(std::size_t bytes) {
    void* const base =
        ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
    return base == MAP_FAILED ? nullptr : base;
}

bool reserve_at(void* where, std::size_t bytes) {
    void* const base =
        ::mmap(where, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
    if (base != where && base != MAP_FAILED) {
        ::munmap(base, bytes);
    }
    return base == where;
}

bool allow(void* base, std::size_t bytes, bool reading, bool writing) {
    return ::mprotect(base, bytes, (reading ? PROT_READ : 0) | (writing ? PROT_WRITE : 0)) == 0;
}

bool retire(void* base, std::size_t bytes) {
    return ::mmap(base, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE | MAP_FIXED, -1,
                  0) == base;
}

}  // namespace system_calls
