// SPDX-License-Identifier: MIT
/// \file
/// `PagedVec` beside `std::vector`. Each is measured once a process, with memory warmed before:
/// `bench/run` starts a fresh process for every sample.

#include <memory_pages/paged_vec.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace {

/// Memory that this machine has never touched costs several times as much as warm memory, and hits
/// whoever comes first.
void warm_memory() {
    constexpr std::size_t bytes = std::size_t{512} << 20;
    const auto block = std::make_unique_for_overwrite<unsigned char[]>(bytes);
    std::memset(block.get(), 1, bytes);
    benchmark::DoNotOptimize(block.get());
}

template <class Vector>
void push_back(benchmark::State& state) {
    const auto count = static_cast<std::uint64_t>(state.range(0));
    warm_memory();
    for (auto _ : state) {
        Vector vector;
        for (std::uint64_t i = 0; i < count; ++i) {
            vector.push_back(i);
        }
        benchmark::DoNotOptimize(vector.data());
        benchmark::ClobberMemory();
    }
}

BENCHMARK_TEMPLATE(push_back, std::vector<std::uint64_t>)
    ->Name("push_back/std::vector")
    ->RangeMultiplier(10)
    ->Range(100, 10'000'000)
    ->Iterations(1)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_TEMPLATE(push_back, memory_pages::PagedVec<std::uint64_t>)
    ->Name("push_back/PagedVec")
    ->RangeMultiplier(10)
    ->Range(100, 10'000'000)
    ->Iterations(1)
    ->Unit(benchmark::kMicrosecond);

/// Clearing, giving the memory back, and filling again: what a vector cannot do without.
template <class Vector>
void clear(Vector& vector) {
    if constexpr (requires { vector.clear_decommit(); }) {
        vector.clear_decommit();
    } else {
        vector = Vector();
    }
}

template <class Vector>
void clear_and_refill(benchmark::State& state) {
    const auto count = static_cast<std::uint64_t>(state.range(0));
    warm_memory();
    Vector vector;
    for (std::uint64_t i = 0; i < count; ++i) {
        vector.push_back(i);
    }
    for (auto _ : state) {
        clear(vector);
        for (std::uint64_t i = 0; i < count; ++i) {
            vector.push_back(i);
        }
        benchmark::ClobberMemory();
    }
}

BENCHMARK_TEMPLATE(clear_and_refill, std::vector<std::uint64_t>)
    ->Name("clear_and_refill/std::vector")
    ->Arg(10'000'000)
    ->Iterations(1)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_TEMPLATE(clear_and_refill, memory_pages::PagedVec<std::uint64_t>)
    ->Name("clear_and_refill/PagedVec")
    ->Arg(10'000'000)
    ->Iterations(1)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
