// SPDX-License-Identifier: MIT
/// \file
/// The measurements for the choice in src/cpu/clear_x86_64.cpp: memset and streaming stores of
/// every width, clearing small and huge pages that their last user wrote; then the same followed by
/// a user, with the pages in the cache or not.

#include "by_hand.hpp"
#include "measure.hpp"

#include <x86intrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <string>

namespace {

void by_memset(std::uint8_t* base, std::size_t bytes) { std::memset(base, 0, bytes); }

void by_16_bytes(std::uint8_t* base, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; i += 16) {
        _mm_stream_si128(reinterpret_cast<__m128i*>(base + i), _mm_setzero_si128());
    }
    _mm_sfence();
}

[[gnu::target("avx")]] void by_32_bytes(std::uint8_t* base, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; i += 32) {
        _mm256_stream_si256(reinterpret_cast<__m256i*>(base + i), _mm256_setzero_si256());
    }
    _mm_sfence();
}

[[gnu::target("avx512f")]] void by_64_bytes(std::uint8_t* base, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; i += 64) {
        _mm512_stream_si512(reinterpret_cast<__m512i*>(base + i), _mm512_setzero_si512());
    }
    _mm_sfence();
}

[[gnu::target("clzero")]] void by_clzero(std::uint8_t* base, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; i += 64) {
        _mm_clzero(base + i);
    }
    _mm_sfence();
}

using Use = void (*)(std::uint8_t* base, std::size_t bytes);

void use_no_further(std::uint8_t* base, std::size_t /*bytes*/) { measure::keep(base); }

void read(std::uint8_t* base, std::size_t bytes) {
    const auto* const words = reinterpret_cast<const std::uint64_t*>(base);
    measure::keep(std::accumulate(words, words + bytes / sizeof *words, std::uint64_t{0}));
}

void write(std::uint8_t* base, std::size_t bytes) { by_hand::fill(base, bytes); }

void add(const char* name, Use clear) {
    struct Next {
        const char* work;
        Use use;
    };
    for (const auto& [work, use] : {Next{"clear", use_no_further}, Next{"clear, then read", read},
                                    Next{"clear, then write", write}}) {
        for (const bool huge : {true, false}) {
            const std::string way = std::string(name) + (huge ? "" : ", small pages");
            measure::Way(work, way, 1, [=](std::size_t bytes) {
                auto* const memory = static_cast<std::uint8_t*>(huge ? by_hand::resident(bytes)
                                                                     : by_hand::map(bytes));
                return measure::repeated(measure::times_for(bytes), [=] {
                    clear(memory, bytes);
                    use(memory, bytes);
                });
            });
        }
    }
}

const bool added = [] {
    add("memset", by_memset);
    add("16 bytes past the caches", by_16_bytes);
    if (__builtin_cpu_supports("avx")) {
        add("32 bytes past the caches", by_32_bytes);
    }
    if (__builtin_cpu_supports("avx512f")) {
        add("64 bytes past the caches", by_64_bytes);
    }
    if (__builtin_cpu_supports("clzero")) {
        add("clzero", by_clzero);
    }
    return true;
}();

}  // namespace
