// SPDX-License-Identifier: MIT
#include "os/poison.hpp"

#if defined(__ELF__)

#include "os/posix/calls.hpp"

#include <sys/mman.h>

#include <cstdint>

// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" [[gnu::weak]] void __asan_get_shadow_mapping(std::size_t* scale, std::size_t* offset);
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" [[gnu::weak]] void* __asan_region_is_poisoned(void* base, std::size_t bytes);

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

/// For few pages. Checks first, so that shadow that was never written stays without memory.
void clear_shadow(std::byte* base, std::size_t bytes) noexcept {
    if (&__asan_region_is_poisoned == nullptr ||
        __asan_region_is_poisoned(base, bytes) != nullptr) {
        __asan_unpoison_memory_region(base, bytes);
    }
}

/// The sanitizer clears its shadow by writing to all of it. The shadow of a sparse tebibyte does
/// not fit into memory, so this drops whole pages of shadow instead: they read zero, which means
/// unpoisoned.
void drop_shadow(std::byte* base, std::size_t bytes, std::size_t scale,
                 std::size_t offset) noexcept {
    const os::KeepErrno keep;
    const std::uintptr_t shadow = (reinterpret_cast<std::uintptr_t>(base) >> scale) + offset;
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    if (::madvise(reinterpret_cast<void*>(shadow), bytes >> scale, MADV_DONTNEED) != 0) {
        __asan_unpoison_memory_region(base, bytes);
    }
}

}  // namespace

void os::end_poison(std::byte* base, std::size_t bytes) noexcept {
    constexpr std::size_t few_pages = 128;
    if (bytes < few_pages * page_size() || &__asan_get_shadow_mapping == nullptr) {
        return clear_shadow(base, bytes);
    }
    std::size_t scale = 0;
    std::size_t offset = 0;
    __asan_get_shadow_mapping(&scale, &offset);
    const std::size_t unit = page_size() << scale;  // Its shadow is a page.
    const std::size_t before = -reinterpret_cast<std::uintptr_t>(base) & (unit - 1);
    const std::size_t after = (bytes - before) & (unit - 1);
    clear_shadow(base, before);
    drop_shadow(base + before, bytes - before - after, scale, offset);
    clear_shadow(base + bytes - after, after);
}

}  // namespace memory_pages

#pragma GCC visibility pop

#endif
