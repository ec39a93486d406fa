// SPDX-License-Identifier: MIT
#include "clear.hpp"

#include <cpuid.h>
#include <immintrin.h>

#include <cstring>

namespace memory_pages {
namespace {

/// From here on what is cleared does not stay in the cache in any case, so that writing past it
/// costs nothing later, and leaves alone what is in there. Rows *clear*, *clear, then read* and
/// *clear, then write* of `./dev bench`: smaller memory is used faster where it is in the cache.
constexpr std::size_t past_the_caches = std::size_t{32} << 20;

/// Whether there are stores of 32 bytes: the processor has them, and the system keeps the
/// registers. By hand, since not every compiler's library knows __builtin_cpu_supports.
[[gnu::target("xsave")]] bool ask_for_avx() noexcept {
    constexpr unsigned wanted = bit_OSXSAVE | bit_AVX;
    constexpr unsigned long long both_halves = 6;
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & wanted) == wanted &&
           (static_cast<unsigned long long>(_xgetbv(0)) & both_halves) == both_halves;
}

/// Streaming stores of 16 bytes are slower than memset, and of 64 bytes (or clzero) not faster.
[[gnu::target("avx")]] void stream_zeros(std::byte* base, std::size_t bytes) noexcept {
    const __m256i zeros = _mm256_setzero_si256();
    auto* const lines = reinterpret_cast<__m256i*>(base);
    for (std::size_t i = 0; i < bytes / sizeof zeros; i += 2) {
        _mm256_stream_si256(lines + i, zeros);
        _mm256_stream_si256(lines + i + 1, zeros);
    }
    _mm_sfence();  // Streaming stores are ordered with no others.
}

}  // namespace

void os::write_zeros(std::byte* base, std::size_t bytes) noexcept {
    // Asked each time: next to so many bytes it costs nothing.
    if (bytes >= past_the_caches && ask_for_avx()) {
        stream_zeros(base, bytes);
    } else {
        std::memset(base, 0, bytes);
    }
}

}  // namespace memory_pages
