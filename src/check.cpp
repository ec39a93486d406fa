// SPDX-License-Identifier: MIT
#include "os/process.hpp"

#include <memory_pages/detail/check.hpp>

#include <cstdio>
#include <cstdlib>

namespace memory_pages::detail {

template <class Object, class Library>
void Mix<Object, Library>::is_refused() noexcept {}

namespace {

template <class Library>
struct Mixes {
    MixIsRefused all[3] = {&Mix<object_with_checks_off, Library>::is_refused,
                           &Mix<object_with_checks_on, Library>::is_refused,
                           &Mix<object_with_checks_hardened, Library>::is_refused};
};
template <>
struct Mixes<ThisLibrary> {};

/// Refers to the mixes with all other libraries, so that the compiler defines them.
template <class... Libraries>
struct MixesWith : Mixes<Libraries>... {};

[[gnu::used]] constexpr MixesWith<library_with_checks_off, library_with_checks_on,
                                  library_with_checks_hardened> defined{};

}  // namespace

void fail_index(const char* call, std::size_t index, std::size_t size) noexcept {
    const os::CancelLater later;  // Prints the message first.
    std::fprintf(stderr, "memory_pages: %s: index %zu is outside %zu%s\n", call, index, size,
                 size == 0 ? " (empty, or moved from)" : "");
    std::abort();
}

void fail_range(const char* call, std::size_t offset, std::size_t count,
                std::size_t size) noexcept {
    const os::CancelLater later;
    std::fprintf(stderr, "memory_pages: %s: offset %zu and length %zu are outside %zu%s\n", call,
                 offset, count, size, size == 0 ? " (empty, or moved from)" : "");
    std::abort();
}

void fail_contract(const char* call, const char* what) noexcept {
    const os::CancelLater later;
    std::fprintf(stderr, "memory_pages: %s: %s\n", call, what);
    std::abort();
}

void fail_count(const char* call, const char* what, std::size_t count) noexcept {
    const os::CancelLater later;
    std::fprintf(stderr, "memory_pages: %s: %s: %zu\n", call, what, count);
    std::abort();
}

}  // namespace memory_pages::detail
