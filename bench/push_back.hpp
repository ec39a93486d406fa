// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// How growing a vector from empty is measured, for all vectors.

#include "by_hand.hpp"
#include "measure.hpp"

#include <cstddef>
#include <cstdint>

namespace push_back {

using Element = std::uint64_t;

/// A growing `std::vector` needs up to three times its contents, in powers of two.
inline constexpr std::size_t warmth = 4 * sizeof(Element);

/// Inlined, so that the vector is a local variable of the loop's function, as in most programs: a
/// compiler can then keep its pointers in registers.
template <class Vector>
[[gnu::always_inline]] inline void push_all(Vector& vector, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        vector.push_back(i);
    }
    measure::keep(vector.data());
}

/// Makes a vector with `make`, fills and drops it. Resident is the peak above the start.
template <class Make>
measure::Sampler grown(std::size_t count, Make make) {
    return [=] {
        by_hand::reset_peak();
        const std::size_t before = by_hand::peak();
        const double time = measure::time_of([&] {
            auto vector = make();
            push_all(vector, count);
        });
        return measure::Sample{.nanoseconds = time,
                               .resident = static_cast<double>(by_hand::peak() - before)};
    };
}

/// Does the same repeatedly, per vector: for small vectors that a program makes all the time.
template <class Make>
measure::Sampler repeated(std::size_t count, Make make) {
    return measure::repeated(measure::times_for(count * sizeof(Element)), [=] {
        auto vector = make();
        push_all(vector, count);
    });
}

}  // namespace push_back
