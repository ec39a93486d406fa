// SPDX-License-Identifier: MIT
#include "by_hand.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include <sys/mman.h>

namespace by_hand {

void* map_huge(std::size_t bytes) {
    // Linux 6.7 and newer align multiples of a huge page themselves; on older kernels this trims a
    // larger mapping.
    bytes = whole_huge_pages(bytes);
    auto* base = static_cast<std::uint8_t*>(map(bytes));
    if (reinterpret_cast<std::uintptr_t>(base) % huge_page != 0) {
        unmap(base, bytes);
        base = static_cast<std::uint8_t*>(map(bytes + huge_page));
        const std::size_t before = huge_page - reinterpret_cast<std::uintptr_t>(base) % huge_page;
        unmap(base, before);
        base += before;
        if (before < huge_page) {
            unmap(base + bytes, huge_page - before);
        }
    }
    ::madvise(base, bytes, MADV_HUGEPAGE);
    return base;
}

void* reserve(std::size_t bytes) {
    void* const base = ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) {
        std::abort();
    }
    return base;
}

bool retire(void* base, std::size_t bytes) {
    return ::mmap(base, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == base;
}

void drop(void* base, std::size_t bytes) {
    if (::madvise(base, bytes, MADV_DONTNEED) != 0) {
        std::abort();
    }
}

void touch(void* base, std::size_t bytes) {
    auto* const memory = static_cast<volatile std::uint8_t*>(base);
    for (std::size_t i = 0; i < bytes; i += page) {
        memory[i] = 1;
    }
}

void fill(void* base, std::size_t bytes) {
    std::memset(base, 1, bytes);
    asm volatile("" : : "r"(base) : "memory");
}

void warm(std::size_t bytes) {
    if (bytes == 0) {
        return;
    }
    void* const base = map_huge(bytes);
    touch(base, bytes);
    unmap(base, whole_huge_pages(bytes));
}

void* resident(std::size_t bytes) {
    void* const base = map_huge(bytes);
    touch(base, bytes);
    return base;
}

void reset_peak() { std::ofstream("/proc/self/clear_refs") << 5; }

std::size_t peak() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        if (word == "VmHWM:") {
            std::size_t kibibytes = 0;
            status >> kibibytes;
            return kibibytes << 10;
        }
    }
    return 0;
}

std::size_t resident_now() {
    std::ifstream statm("/proc/self/statm");
    std::size_t pages = 0;
    statm >> pages >> pages;
    return pages * page;
}

}  // namespace by_hand
