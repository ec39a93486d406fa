// SPDX-License-Identifier: MIT
/// \file
/// Giving many scattered pages back at once, beside one system call each by hand. Only that is
/// timed, not touching them again.

#include <memory_pages/page_size.hpp>
#include <memory_pages/pages.hpp>
#include <memory_pages/ranges.hpp>

#include <benchmark/benchmark.h>
#include <sys/mman.h>

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <thread>
#include <vector>

namespace {

using memory_pages::ByteRange;
using memory_pages::page_size;
using Writable =
    memory_pages::Pages<memory_pages::AllowRead, memory_pages::AllowWrite, memory_pages::DenyExec>;
using Clock = std::chrono::steady_clock;

void in_a_batch(Writable& pages, const std::vector<ByteRange>& ranges) { pages.decommit(ranges); }

void one_by_one(Writable& pages, const std::vector<ByteRange>& ranges) {
    for (const ByteRange& range : ranges) {
        (void)::madvise(pages.data() + range.offset, range.bytes, MADV_DONTNEED);
    }
}

/// Every second page of twice 4 Ki.
template <void (*give_back)(Writable&, const std::vector<ByteRange>&)>
void scattered(benchmark::State& state) {
    constexpr std::size_t count = 4096;
    Writable pages(2 * count * page_size());
    std::vector<ByteRange> ranges;
    for (std::size_t i = 0; i < count; ++i) {
        ranges.push_back({2 * i * page_size(), page_size()});
    }
    for (auto _ : state) {
        for (std::size_t i = 0; i < pages.size(); i += page_size()) {
            pages[i] = 1;
        }
        const Clock::time_point start = Clock::now();
        give_back(pages, ranges);
        state.SetIterationTime(std::chrono::duration<double>(Clock::now() - start).count());
    }
}
BENCHMARK(scattered<in_a_batch>)->Name("scattered_decommit/batch")->UseManualTime();
BENCHMARK(scattered<one_by_one>)->Name("scattered_decommit/one_by_one")->UseManualTime();

/// The same while another thread runs, whose processor has to be told of each change.
template <void (*give_back)(Writable&, const std::vector<ByteRange>&)>
void beside_a_thread(benchmark::State& state) {
    const std::jthread other([](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
        }
    });
    scattered<give_back>(state);
}
BENCHMARK(beside_a_thread<in_a_batch>)->Name("scattered_decommit_2_threads/batch")->UseManualTime();
BENCHMARK(beside_a_thread<one_by_one>)
    ->Name("scattered_decommit_2_threads/one_by_one")
    ->UseManualTime();

}  // namespace
