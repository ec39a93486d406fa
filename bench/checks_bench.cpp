// SPDX-License-Identifier: MIT
/// \file
/// The cost of contract checks in loops. Built twice: with a library that has them, and with one
/// that has none. CHECKS says which.

#include "measure.hpp"
#include "pages.hpp"

#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <string>

namespace {

using measure::Way;
using memory_pages::PagedVec;

using Vector = PagedVec<std::uint64_t>;

std::uint64_t by_iterator(Vector& vector) {
    return std::accumulate(vector.begin(), vector.end(), std::uint64_t{0});
}

std::uint64_t by_span(Vector& vector) {
    const std::span<const std::uint64_t> span(vector);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < span.size(); ++i) {
        sum += span[i];
    }
    return sum;
}

std::uint64_t by_range_for(Vector& vector) {
    std::uint64_t sum = 0;
    for (const std::uint64_t value : vector) {
        sum += value;
    }
    return sum;
}

std::uint64_t by_index(Vector& vector) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < vector.size(); ++i) {
        sum += vector[i];
    }
    return sum;
}

std::uint64_t write_by_index(Vector& vector) {
    for (std::size_t i = 0; i < vector.size(); ++i) {
        vector[i] = i;
    }
    return 0;
}

std::uint64_t by_step(Vector& vector) {
    std::uint64_t sum = 0;
    std::size_t at = 0;
    for (std::size_t i = 0; i < vector.size(); ++i) {
        at = (at + 4099) & (vector.size() - 1);
        sum += vector[at];
    }
    return sum;
}

std::uint64_t prefix_sums(Vector& vector) {
    for (std::size_t i = 1; i < vector.size(); ++i) {
        vector[i] += vector[i - 1];
    }
    return 0;
}

void add(const std::string& loop, std::uint64_t (*use)(Vector&)) {
    Way("loop " + loop, "checks " CHECKS, 0, [=](std::size_t count) {
        auto vector = std::make_shared<Vector>(count, 1);
        return measure::repeated(200, [=] { measure::keep(use(*vector)); });
    });
}

const bool added = [] {
    add("by iterator", by_iterator);
    add("by span", by_span);
    add("by range-for", by_range_for);
    add("sum by index", by_index);
    add("write by index", write_by_index);
    add("sum in steps", by_step);
    add("prefix sums", prefix_sums);
    return true;
}();

}  // namespace
