// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Memory that its user poisoned by hand (`ASAN_POISON_MEMORY_REGION`) and gave back gets another
/// user, whose accesses AddressSanitizer must not report.

#include <cstddef>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

#if defined(__ELF__)
// The program may use AddressSanitizer although the library was built without: null if not.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" [[gnu::weak, gnu::visibility("default")]] void __asan_unpoison_memory_region(
    const volatile void* base, std::size_t bytes);
#elif defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
// Other linkers need a definition, so the library must be built with AddressSanitizer too.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" void __asan_unpoison_memory_region(const volatile void* base, std::size_t bytes);
#endif

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

#if defined(__ELF__)
/// Called if the program uses AddressSanitizer.
[[gnu::cold]] void end_poison(std::byte* base, std::size_t bytes) noexcept;

[[nodiscard]] inline bool may_be_poisoned() noexcept {
    return &__asan_unpoison_memory_region != nullptr;
}

/// Unpoisons whole pages. Called before an owner gives up the pages or their contents.
inline void forget_poison(std::byte* base, std::size_t bytes) noexcept {
    if (may_be_poisoned()) [[unlikely]] {
        end_poison(base, bytes);
    }
}
#elif defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
[[nodiscard]] inline bool may_be_poisoned() noexcept { return true; }
inline void forget_poison(std::byte* base, std::size_t bytes) noexcept {
    __asan_unpoison_memory_region(base, bytes);
}
#else
[[nodiscard]] inline bool may_be_poisoned() noexcept { return false; }
inline void forget_poison(std::byte*, std::size_t) noexcept {}
#endif

}  // namespace memory_pages::os

#pragma GCC visibility pop
