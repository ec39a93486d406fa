// SPDX-License-Identifier: MIT
#include "cpu/clear.hpp"

#include <cpuid.h>
#include <immintrin.h>

#include <cstring>

namespace memory_pages {
namespace {

/// Memory of this size does not stay in the cache anyway, so streaming stores cost nothing later,
/// and keep the cache's contents. Smaller memory is used faster from the cache: rows *clear*,
/// *clear, then read* and *clear, then write* of `./dev bench`.
constexpr std::size_t past_the_caches = std::size_t{32} << 20;

/// Whether stores of 32 bytes are available: the processor has AVX, and the system saves the
/// registers. By hand, since not every compiler's library has __builtin_cpu_supports.
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

/// Streaming stores of 16 bytes are slower than memset; those of 64 bytes (or clzero) are not
/// faster.
[[gnu::target("avx")]] void stream_zeros(std::byte* base, std::size_t bytes) noexcept {
    const __m256i zeros = _mm256_setzero_si256();
    auto* const lines = static_cast<__m256i*>(static_cast<void*>(base));
    for (std::size_t i = 0; i < bytes / sizeof zeros; i += 2) {
        _mm256_stream_si256(lines + i, zeros);
        _mm256_stream_si256(lines + i + 1, zeros);
    }
    _mm_sfence();  // Streaming stores are not ordered with other stores.
}

}  // namespace

void cpu::write_zeros(std::byte* base, std::size_t bytes) noexcept {
    // Not cached: negligible for so many bytes.
    if (bytes >= past_the_caches && ask_for_avx()) {
        stream_zeros(base, bytes);
    } else {
        std::memset(base, 0, bytes);
    }
}

}  // namespace memory_pages
