// SPDX-License-Identifier: MIT
/// \file
/// `Pages` beside the same by hand, and beside malloc.

#include "operations.hpp"

#include <memory_pages/page_size.hpp>
#include <memory_pages/pages.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>

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

using Writable =
    memory_pages::Pages<memory_pages::AllowRead, memory_pages::AllowWrite, memory_pages::DenyExec>;

/// Making a few pages read zero and using them: cleared, as `zero` does it for so few, or dropped.
template <void (*make_zero)(Writable&)>
void zero_64KiB(benchmark::State& state) {
    Writable pages(std::size_t{64} << 10, {.populate = true});
    for (auto _ : state) {
        make_zero(pages);
        for (std::size_t i = 0; i < pages.size(); i += memory_pages::page_size()) {
            pages[i] = 1;
        }
        benchmark::ClobberMemory();
    }
}
BENCHMARK(zero_64KiB<[](Writable& pages) { pages.zero(); }>)->Name("zero_64KiB/zero");
BENCHMARK(zero_64KiB<[](Writable& pages) { pages.decommit(); }>)->Name("zero_64KiB/decommit");

/// What the contract check of `operator[]` costs.
template <std::uint64_t (*sum_of)(const Writable&)>
void sum_1MiB(benchmark::State& state) {
    const Writable pages(std::size_t{1} << 20, {.populate = true});
    for (auto _ : state) {
        benchmark::DoNotOptimize(&pages);
        benchmark::ClobberMemory();
        benchmark::DoNotOptimize(sum_of(pages));
    }
}

std::uint64_t sum_by_index(const Writable& pages) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0, n = pages.size(); i < n; ++i) {
        sum += pages[i];
    }
    return sum;
}

std::uint64_t sum_by_pointer(const Writable& pages) {
    std::uint64_t sum = 0;
    for (const std::uint8_t byte : pages) {
        sum += byte;
    }
    return sum;
}
BENCHMARK(sum_1MiB<sum_by_index>)->Name("sum_1MiB/operator[]");
BENCHMARK(sum_1MiB<sum_by_pointer>)->Name("sum_1MiB/pointer");

}  // namespace
