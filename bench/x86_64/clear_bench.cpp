// SPDX-License-Identifier: MIT
/// \file
/// What stands behind the choice in src/os/clear_x86_64.cpp: memset beside stores past the caches,
/// of every width, clearing small and huge pages that their last user wrote; then the same with a
/// next user, who finds them in a cache or not.

#include <memory_pages/pages.hpp>

#include <benchmark/benchmark.h>
#include <x86intrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

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

bool always() { return true; }
bool has_avx() { return __builtin_cpu_supports("avx") != 0; }
bool has_avx512() { return __builtin_cpu_supports("avx512f") != 0; }
bool has_clzero() { return __builtin_cpu_supports("clzero") != 0; }

using memory_pages::HugePages;
using Writable =
    memory_pages::Pages<memory_pages::AllowRead, memory_pages::AllowWrite, memory_pages::DenyExec>;

enum class Then { nothing, read, write };

void use(std::uint8_t* base, std::size_t bytes, Then then) {
    if (then == Then::read) {
        std::uint64_t sum = 0;
        const auto* const words = reinterpret_cast<const std::uint64_t*>(base);
        for (std::size_t i = 0; i < bytes / sizeof sum; ++i) {
            sum += words[i];
        }
        benchmark::DoNotOptimize(sum);
    } else if (then == Then::write) {
        std::memset(base, 7, bytes);
    }
    benchmark::ClobberMemory();
}

template <void (*clear)(std::uint8_t*, std::size_t), bool (*is_there)(), Then then>
void run(benchmark::State& state) {
    if (!is_there()) {
        state.SkipWithError("this processor has no such stores");
        return;
    }
    const auto bytes = static_cast<std::size_t>(state.range(0));
    const bool are_huge = state.range(1) != 0;
    Writable pages(bytes, {.huge_pages = are_huge ? HugePages::prefer : HugePages::never});
    std::memset(pages.data(), 1, bytes);
    for (auto _ : state) {
        clear(pages.data(), bytes);
        use(pages.data(), bytes, then);
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

void at_sizes(benchmark::internal::Benchmark* each) {
    constexpr std::int64_t mib = 1 << 20;
    each->ArgNames({"", "huge"})
        ->ArgsProduct(
            {{mib / 16, 8 * mib, 16 * mib, 32 * mib, 64 * mib, 128 * mib, 512 * mib}, {0, 1}});
    each->Unit(benchmark::kMicrosecond);
}

BENCHMARK(run<by_memset, always, Then::nothing>)->Name("clear/memset")->Apply(at_sizes);
BENCHMARK(run<by_16_bytes, always, Then::nothing>)->Name("clear/by_16_bytes")->Apply(at_sizes);
BENCHMARK(run<by_32_bytes, has_avx, Then::nothing>)->Name("clear/by_32_bytes")->Apply(at_sizes);
BENCHMARK(run<by_64_bytes, has_avx512, Then::nothing>)->Name("clear/by_64_bytes")->Apply(at_sizes);
BENCHMARK(run<by_clzero, has_clzero, Then::nothing>)->Name("clear/by_clzero")->Apply(at_sizes);

BENCHMARK(run<by_memset, always, Then::read>)->Name("clear_then_read/memset")->Apply(at_sizes);
BENCHMARK(run<by_16_bytes, always, Then::read>)
    ->Name("clear_then_read/by_16_bytes")
    ->Apply(at_sizes);
BENCHMARK(run<by_32_bytes, has_avx, Then::read>)
    ->Name("clear_then_read/by_32_bytes")
    ->Apply(at_sizes);
BENCHMARK(run<by_64_bytes, has_avx512, Then::read>)
    ->Name("clear_then_read/by_64_bytes")
    ->Apply(at_sizes);
BENCHMARK(run<by_clzero, has_clzero, Then::read>)
    ->Name("clear_then_read/by_clzero")
    ->Apply(at_sizes);

BENCHMARK(run<by_memset, always, Then::write>)->Name("clear_then_write/memset")->Apply(at_sizes);
BENCHMARK(run<by_16_bytes, always, Then::write>)
    ->Name("clear_then_write/by_16_bytes")
    ->Apply(at_sizes);
BENCHMARK(run<by_32_bytes, has_avx, Then::write>)
    ->Name("clear_then_write/by_32_bytes")
    ->Apply(at_sizes);
BENCHMARK(run<by_64_bytes, has_avx512, Then::write>)
    ->Name("clear_then_write/by_64_bytes")
    ->Apply(at_sizes);
BENCHMARK(run<by_clzero, has_clzero, Then::write>)
    ->Name("clear_then_write/by_clzero")
    ->Apply(at_sizes);

}  // namespace
