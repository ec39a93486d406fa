// SPDX-License-Identifier: MIT
#include <memory_pages/detail/check.hpp>

#include <cstdio>
#include <cstdlib>

namespace memory_pages::detail {

void built_with(BuildLevel*) noexcept {}

void fail_index(const char* call, std::size_t index, std::size_t size) noexcept {
    std::fprintf(stderr, "memory_pages: %s: index %zu is outside %zu%s\n", call, index, size,
                 size == 0 ? " (empty, or moved from)" : "");
    std::abort();
}

void fail_range(const char* call, std::size_t offset, std::size_t count,
                std::size_t size) noexcept {
    std::fprintf(stderr, "memory_pages: %s: offset %zu and length %zu are outside %zu%s\n", call,
                 offset, count, size, size == 0 ? " (empty, or moved from)" : "");
    std::abort();
}

void fail_contract(const char* call, const char* what) noexcept {
    std::fprintf(stderr, "memory_pages: %s: %s\n", call, what);
    std::abort();
}

void fail_count(const char* call, const char* what, std::size_t count) noexcept {
    std::fprintf(stderr, "memory_pages: %s: %s: %zu\n", call, what, count);
    std::abort();
}

}  // namespace memory_pages::detail
