// SPDX-License-Identifier: MIT
#include "support/system_calls.hpp"

#include "support/windows_api.hpp"

namespace system_calls {

void* map(std::size_t bytes) {
    return ::VirtualAlloc(nullptr, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

void unmap(void* base, std::size_t) { ::VirtualFree(base, 0, MEM_RELEASE); }

void* reserve(std::size_t bytes) {
    return ::VirtualAlloc(nullptr, bytes, MEM_RESERVE, PAGE_NOACCESS);
}

bool reserve_at(void* where, std::size_t bytes) {
    return ::VirtualAlloc(where, bytes, MEM_RESERVE, PAGE_NOACCESS) == where;
}

bool allow(void* base, std::size_t bytes, bool reading, bool writing) {
    const DWORD protection = writing ? PAGE_READWRITE : reading ? PAGE_READONLY : PAGE_NOACCESS;
    DWORD before = 0;
    return ::VirtualAlloc(base, bytes, MEM_COMMIT, protection) != nullptr &&
           ::VirtualProtect(base, bytes, protection, &before) != 0;
}

bool retire(void* base, std::size_t bytes) { return ::VirtualFree(base, bytes, MEM_DECOMMIT) != 0; }

}  // namespace system_calls
