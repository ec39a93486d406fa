// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The figures of both sides, side by side.

#include "sides.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tour {

/// 12,345,678
[[nodiscard]] std::string grouped(std::uint64_t number);
/// In whole units of 1,048,576 bytes: "1,234 MB".
[[nodiscard]] std::string megabytes(std::uint64_t bytes);
/// With three digits: "1.23 s", "45.6 ms".
[[nodiscard]] std::string duration(double seconds);

/// One figure of both sides. Less is better.
struct Row {
    enum class Unit { seconds, bytes, times };

    std::string what;
    Unit unit;
    double paged_vec;
    double std_vector;

    [[nodiscard]] std::string text_of(double value) const;
    /// Whether the first is larger by more than the scatter of single runs.
    [[nodiscard]] bool is_worse() const { return paged_vec > 1.1 * std_vector; }
};

[[nodiscard]] std::vector<Row> compare(const Figures& paged_vec, const Figures& std_vector);

/// How to read the figures.
inline constexpr const char* about_figures =
    "Times are processor time, of one run each: they scatter by several per cent. ./dev bench "
    "measures with care. Resident memory includes the text.";

/// The rows in which the pages are worse, in words.
[[nodiscard]] std::string where_pages_lose(const std::vector<Row>& rows);

}  // namespace tour
