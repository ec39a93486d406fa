// SPDX-License-Identifier: MIT
/// \file
/// Mapping, touching and unmapping memory on several threads at once, each on its own processor if
/// there are enough.

#include "by_hand.hpp"
#include "heaps.hpp"
#include "measure.hpp"
#include "pages.hpp"

#include <algorithm>
#include <barrier>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <sched.h>

namespace {

using measure::Sample;
using measure::Sampler;
using measure::Way;

void stay_on(unsigned processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor % std::thread::hardware_concurrency(), &set);
    ::sched_setaffinity(0, sizeof(set), &set);
}

/// The wall-clock time of one operation per thread while all threads do it: from the first start to
/// the last end. `operation_of` is called on each thread and returns the operation.
template <class OperationOf>
Sample on_threads(unsigned threads, std::size_t times, OperationOf operation_of) {
    using Clock = std::chrono::steady_clock;
    std::vector<Clock::time_point> starts(threads);
    std::vector<Clock::time_point> ends(threads);
    std::barrier all(threads);
    {
        std::vector<std::jthread> running;
        for (unsigned i = 0; i < threads; ++i) {
            running.emplace_back([&, i] {
                stay_on(i);
                auto operation = operation_of();
                operation();  // The first call of a thread is not measured.
                all.arrive_and_wait();
                starts[i] = Clock::now();
                for (std::size_t n = 0; n < times; ++n) {
                    operation();
                }
                ends[i] = Clock::now();
            });
        }
    }
    const std::chrono::duration<double, std::nano> time =
        *std::ranges::max_element(ends) - *std::ranges::min_element(starts);
    return {.nanoseconds = time.count() / static_cast<double>(times)};
}

template <class OperationOf>
void add(const std::string& name, OperationOf operation_of) {
    for (const unsigned threads : {1U, 2U, 4U}) {
        Way("create, touch and drop on threads", name + ", " + std::to_string(threads), 4,
            [=](std::size_t bytes) -> Sampler {
                // Long enough that the order of starts matters little, and short enough that most
                // samples are not interrupted.
                const std::size_t all = std::size_t{bytes > (8U << 20) ? 512U : 4096U} << 20;
                const std::size_t times = all / bytes;
                return [=, operation = operation_of(bytes)] {
                    return on_threads(threads, times, operation);
                };
            });
    }
}

const bool added = [] {
    add("memory allocated beforehand", [](std::size_t bytes) {
        return [=] {
            auto memory = std::shared_ptr<void>(by_hand::resident(bytes), [=](void* base) {
                by_hand::unmap(base, by_hand::whole_huge_pages(bytes));
            });
            return [=] { by_hand::touch(memory.get(), bytes); };
        };
    });
    add("Pages from a pool", [](std::size_t bytes) {
        return [bytes, pool = generous_pool()] {
            return [=] {
                auto taken = take(pool, bytes, memory_pages::Contents::indeterminate);
                by_hand::touch(taken.data(), bytes);
            };
        };
    });
    add("mmap by hand", [](std::size_t bytes) {
        return [=] {
            return [=] {
                void* const memory = by_hand::map(bytes);
                by_hand::touch(memory, bytes);
                by_hand::unmap(memory, bytes);
            };
        };
    });
    for (const heaps::Known& known : heaps::known()) {
        add(known.name, [=](std::size_t bytes) {
            return [bytes, heap = known.load()] {
                return [=] {
                    void* const memory = heap.allocate(bytes);
                    by_hand::touch(memory, bytes);
                    heap.release(memory);
                };
            };
        });
    }
    return true;
}();

}  // namespace
