// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// How everything is measured. A work is done in several ways, each a `Way` in a `*_bench.cpp`. The
/// program `measure` takes samples of some ways in turn, in random order; `bench/run` asks it for
/// what it needs, in one process or in one for each sample, and does the statistics.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace measure {

/// One measurement.
struct Sample {
    /// For one operation.
    double nanoseconds = 0;
    /// Where the work is about it: bytes of physical memory, and what they are is said there.
    double resident = 0;
    /// Where the work is about its course: milliseconds, and MiB resident then.
    std::vector<std::pair<double, double>> course = {};
};

/// Takes one sample whenever it is called. What it holds was prepared once and is not measured.
using Sampler = std::function<Sample()>;
/// Prepares for works of one size, in the unit that the work names.
using Prepare = std::function<Sampler(std::size_t size)>;

/// One way of doing a work: objects in namespace scope.
struct Way {
    /// `warmth` bytes of free memory for each unit of size are touched and released before each
    /// sample: memory that a virtual machine has never touched costs several times as much, and
    /// hits whoever comes first. So it is for every way of a work alike.
    Way(std::string work, std::string name, std::size_t warmth, Prepare prepare);
};

/// Nanoseconds that a processor has spent on this thread, in the kernel too: what other programs
/// take of the machine's time is not in it.
[[nodiscard]] double processor_time();

/// How long a processor spends on `use`.
template <class Use>
[[nodiscard]] double time_of(Use&& use) {
    const double start = processor_time();
    std::forward<Use>(use)();
    return processor_time() - start;
}

/// How long `use` takes by the clock on the wall, where threads work for each other or wait.
template <class Use>
[[nodiscard]] double wall_time_of(Use&& use) {
    const auto start = std::chrono::steady_clock::now();
    std::forward<Use>(use)();
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start)
        .count();
}

/// A sampler of an operation that is too short to be timed alone.
template <class Operation>
[[nodiscard]] Sampler repeated(std::size_t times, Operation operation) {
    return [=]() mutable {
        const double all = time_of([&] {
            for (std::size_t i = 0; i < times; ++i) {
                operation();
            }
        });
        return Sample{.nanoseconds = all / static_cast<double>(times)};
    };
}

/// How often to repeat what handles `bytes`, so that a sample takes long enough to be timed and not
/// longer than it must.
[[nodiscard]] constexpr std::size_t times_for(std::size_t bytes) {
    constexpr std::size_t enough = std::size_t{4} << 20;
    constexpr std::size_t most = 4096;
    return bytes >= enough ? 1 : std::min(enough / std::max<std::size_t>(bytes, 1), most);
}

/// The compiler must have the value, and must take all memory for used and changed.
template <class T>
[[gnu::always_inline]] inline void keep(const T& value) {
    asm volatile("" : : "r,m"(value) : "memory");
}

}  // namespace measure
