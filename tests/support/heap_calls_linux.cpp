// SPDX-License-Identifier: MIT
#include "support/heap_calls.hpp"

#include <cstdlib>

#if defined(__has_feature)
#define MAY_HAVE(feature) __has_feature(feature)
#else
#define MAY_HAVE(feature) 0
#endif
#if defined(__GLIBC__) && !defined(STATIC_PROGRAMS) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__) && !MAY_HAVE(address_sanitizer) &&                     \
    !MAY_HAVE(thread_sanitizer) && !MAY_HAVE(memory_sanitizer)
#define COUNTS_HEAP_CALLS
#endif

namespace {

bool is_counting = false;
std::size_t calls = 0;

}  // namespace

#if defined(COUNTS_HEAP_CALLS)
// NOLINTBEGIN: names of the GNU C library's.
extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* memory, std::size_t bytes);
void __libc_free(void* memory);

void* malloc(std::size_t bytes) noexcept {
    calls += is_counting ? 1 : 0;
    return __libc_malloc(bytes);
}
void* calloc(std::size_t count, std::size_t bytes) noexcept {
    calls += is_counting ? 1 : 0;
    return __libc_calloc(count, bytes);
}
void* realloc(void* memory, std::size_t bytes) noexcept {
    calls += is_counting ? 1 : 0;
    return __libc_realloc(memory, bytes);
}
void free(void* memory) noexcept {
    calls += is_counting ? 1 : 0;
    __libc_free(memory);
}
}
// NOLINTEND
#endif

namespace heap_calls {

void begin_counting() {
    calls = 0;
    is_counting = true;
}

std::size_t end_counting() {
    is_counting = false;
    return calls;
}

bool are_counted() {
    begin_counting();
    void* volatile block = std::malloc(1);
    std::free(block);
    return end_counting() == 2;
}

}  // namespace heap_calls
