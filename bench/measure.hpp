// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The framework of all measurements. A work is done in several ways, each a `Way` in a
/// `*_bench.cpp`. The program `measure` takes samples of some ways in random order; `bench/run`
/// runs it, with one process for all samples or one for each, and computes the statistics.

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
    /// Per operation.
    double nanoseconds = 0;
    /// For works that measure it: bytes of physical memory, as the work defines them.
    double resident = 0;
    /// For works over time: milliseconds, and MiB resident at that time.
    std::vector<std::pair<double, double>> course = {};
};

/// Takes one sample per call. Its state was prepared once, and is not measured.
using Sampler = std::function<Sample()>;
/// Prepares for works of one size, in the unit of the work.
using Prepare = std::function<Sampler(std::size_t size)>;

/// One way of doing a work: an object at namespace scope.
struct Way {
    /// Before each sample, `warmth` bytes of free memory for each unit of size are touched and
    /// released: memory that a virtual machine has never touched costs several times as much, and
    /// would hit the first way. So the warmth is the same for all ways of a work.
    Way(std::string work, std::string name, std::size_t warmth, Prepare prepare);
};

/// The nanoseconds of processor time of this thread, in the kernel too: without the time of other
/// programs.
[[nodiscard]] double processor_time();

/// The processor time of `use`.
template <class Use>
[[nodiscard]] double time_of(Use&& use) {
    const double start = processor_time();
    std::forward<Use>(use)();
    return processor_time() - start;
}

/// The wall-clock time of `use`, for threads that work for each other or wait.
template <class Use>
[[nodiscard]] double wall_time_of(Use&& use) {
    const auto start = std::chrono::steady_clock::now();
    std::forward<Use>(use)();
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start)
        .count();
}

/// A sampler for an operation that is too short to be timed alone.
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

/// How often to repeat an operation on `bytes` bytes, so that a sample takes long enough to be
/// timed, and no longer.
[[nodiscard]] constexpr std::size_t times_for(std::size_t bytes) {
    constexpr std::size_t enough = std::size_t{4} << 20;
    constexpr std::size_t most = 4096;
    return bytes >= enough ? 1 : std::min(enough / std::max<std::size_t>(bytes, 1), most);
}

/// The compiler must compute the value, and assume that all memory is read and written.
template <class T>
[[gnu::always_inline]] inline void keep(const T& value) {
    asm volatile("" : : "r,m"(value) : "memory");
}

}  // namespace measure
