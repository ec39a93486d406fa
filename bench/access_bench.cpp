// SPDX-License-Identifier: MIT
/// \file
/// Using large memory after it was made. Sizes are bytes.

#include "by_hand.hpp"
#include "measure.hpp"
#include "pages.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace {

using measure::Sample;
using measure::Sampler;
using measure::Way;
using memory_pages::PagedVec;

using Element = std::uint64_t;
constexpr std::size_t line = 64 / sizeof(Element);  // a cache line in elements

/// The step of a walk over all `lines` (a power of two) cache lines in an order that no processor
/// predicts: a linear congruential generator of full period.
[[nodiscard]] std::size_t step(std::size_t at, std::size_t lines) {
    return (at * 6364136223846793005U + 1442695040888963407U) & (lines - 1);
}

/// The first element of each line holds the next position of the walk.
template <class Vector>
std::shared_ptr<Vector> made(std::size_t bytes) {
    auto vector = std::make_shared<Vector>(bytes / sizeof(Element));
    const std::size_t lines = vector->size() / line;
    for (std::size_t i = 0; i < lines; ++i) {
        (*vector)[i * line] = step(i, lines) * line;
    }
    return vector;
}

constexpr std::size_t accesses = 1'000'000;

template <class Vector>
void chase(Vector& vector) {
    const Element* const memory = vector.data();
    std::size_t at = 0;
    for (std::size_t i = 0; i < accesses; ++i) {
        at = memory[at];
    }
    measure::keep(at);
}

template <class Vector>
void read(Vector& vector) {
    const Element* const memory = vector.data();
    const std::size_t lines = vector.size() / line;
    Element sum = 0;
    std::size_t at = 0;
    for (std::size_t i = 0; i < accesses; ++i) {
        at = step(at, lines);
        sum += memory[at * line];
    }
    measure::keep(sum);
}

template <class Vector>
void write(Vector& vector) {
    Element* const memory = vector.data();
    const std::size_t lines = vector.size() / line;
    std::size_t at = 0;
    for (std::size_t i = 0; i < accesses; ++i) {
        at = step(at, lines);
        memory[at * line + 1] = i;
    }
    measure::keep(memory);
}

template <class Vector>
void iterate(Vector& vector) {
    measure::keep(std::accumulate(vector.begin(), vector.end(), Element{0}));
}

/// `operations` operations per use.
template <class Vector>
void add(const std::string& work, const std::string& name, void (*use)(Vector&),
         std::size_t operations) {
    Way(work, name, 0, [=](std::size_t bytes) -> Sampler {
        return [=, vector = made<Vector>(bytes)] {
            return Sample{.nanoseconds = measure::time_of([&] { use(*vector); }) /
                                         static_cast<double>(operations)};
        };
    });
}

template <class Vector>
void add_sort(const std::string& name) {
    Way("sort", name, 0, [](std::size_t bytes) -> Sampler {
        return [vector = std::make_shared<Vector>(bytes / sizeof(Element))] {
            std::mt19937_64 random;  // the same numbers for all
            std::ranges::generate(*vector, std::ref(random));
            return Sample{.nanoseconds =
                              measure::time_of([&] { std::sort(vector->begin(), vector->end()); })};
        };
    });
}

template <class Vector>
void add_all(const std::string& name) {
    add<Vector>("pointer chase", name, chase, accesses);
    add<Vector>("random reads", name, read, accesses);
    add<Vector>("random writes", name, write, accesses);
    add<Vector>("iterate", name, iterate, 1);
    add_sort<Vector>(name);
}

const bool added = [] {
    add_all<std::vector<Element>>("std::vector");
    add_all<PagedVec<Element>>("PagedVec");
    return true;
}();

}  // namespace
