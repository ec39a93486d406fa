// SPDX-License-Identifier: MIT
/// \file
/// Making 1 GiB resident by one thread and by several. Only that is timed, and not the first time:
/// a guest's memory that was never touched is dearer, whoever asks for it.

#include <memory_pages/populate.hpp>

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>

namespace {

using namespace memory_pages;
using Clock = std::chrono::steady_clock;

void populate_1GiB(benchmark::State& state, HugePages huge_pages) {
    constexpr std::size_t size = std::size_t{1} << 30;
    const PopulateOptions options{.threads = static_cast<unsigned>(state.range(0))};
    const auto seconds = [&] {
        const Pages<AllowRead, AllowWrite, DenyExec> pages(size, {.huge_pages = huge_pages});
        const Clock::time_point start = Clock::now();
        populate(pages, options);
        return std::chrono::duration<double>(Clock::now() - start).count();
    };
    (void)seconds();
    for (auto _ : state) {
        state.SetIterationTime(seconds());
    }
}
void every_number_of_threads(benchmark::internal::Benchmark* each) {
    each->ArgName("threads")->Arg(1)->Arg(2)->UseManualTime()->Unit(benchmark::kMillisecond);
}
BENCHMARK_CAPTURE(populate_1GiB, never, HugePages::never)->Apply(every_number_of_threads);
BENCHMARK_CAPTURE(populate_1GiB, prefer, HugePages::prefer)->Apply(every_number_of_threads);

}  // namespace
