// SPDX-License-Identifier: MIT
/// \file
/// `Pages` beside the same by hand, and beside malloc.

#include "operations.hpp"

#include <memory_pages/pages.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <numeric>

namespace {

template <void (*operation)()>
void run(benchmark::State& state) {
    for (auto _ : state) {
        operation();
    }
}

BENCHMARK(run<create_drop_by_hand>)->Name("create_drop_50MB/mmap_by_hand");
BENCHMARK(run<create_drop_by_pages>)->Name("create_drop_50MB/Pages");
BENCHMARK(run<create_drop_by_uncharged_pages>)->Name("create_drop_50MB/Pages_uncharged");
BENCHMARK(run<create_drop_by_malloc>)->Name("create_drop_50MB/malloc");

BENCHMARK(run<fill_by_hand>)->Name("fill_50MB/mmap_by_hand")->Unit(benchmark::kMillisecond);
BENCHMARK(run<fill_by_pages>)->Name("fill_50MB/Pages")->Unit(benchmark::kMillisecond);
BENCHMARK(run<fill_by_malloc>)->Name("fill_50MB/malloc")->Unit(benchmark::kMillisecond);

// Where pages lose: malloc keeps small blocks and has them at hand.
BENCHMARK(run<create_drop_small_by_pages>)->Name("create_drop_1MB/Pages");
BENCHMARK(run<create_drop_small_by_malloc>)->Name("create_drop_1MB/malloc");

/// What the contract check of `operator[]` costs, where the compiler cannot see the size.
void sum_1MB_indexed(benchmark::State& state) {
    memory_pages::Pages<memory_pages::AllowRead, memory_pages::AllowWrite, memory_pages::DenyExec>
    pages(std::size_t{1} << 20, {.populate = true});
    for (auto _ : state) {
        benchmark::DoNotOptimize(&pages);
        benchmark::ClobberMemory();
        std::uint64_t sum = 0;
        for (std::size_t i = 0, n = pages.size(); i < n; ++i) {
            sum = sum * 31 + pages[i];
        }
        benchmark::DoNotOptimize(sum);
    }
}
BENCHMARK(sum_1MB_indexed)->Name("sum_1MB/operator[]");

void sum_1MB_pointer(benchmark::State& state) {
    memory_pages::Pages<memory_pages::AllowRead, memory_pages::AllowWrite, memory_pages::DenyExec>
    pages(std::size_t{1} << 20, {.populate = true});
    for (auto _ : state) {
        benchmark::DoNotOptimize(&pages);
        benchmark::ClobberMemory();
        const std::uint8_t* const data = pages.data();
        std::uint64_t sum = 0;
        for (std::size_t i = 0, n = pages.size(); i < n; ++i) {
            sum = sum * 31 + data[i];
        }
        benchmark::DoNotOptimize(sum);
    }
}
BENCHMARK(sum_1MB_pointer)->Name("sum_1MB/pointer");

}  // namespace
