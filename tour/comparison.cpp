// SPDX-License-Identifier: MIT
#include "comparison.hpp"

#include <fmt/format.h>

namespace tour {

std::string grouped(std::uint64_t number) { return fmt::format("{}", fmt::group_digits(number)); }

std::string megabytes(std::uint64_t bytes) {
    constexpr std::uint64_t megabyte = 1 << 20;
    return grouped((bytes + megabyte / 2) / megabyte) + " MB";
}

std::string duration(double seconds) {
    const auto digits = [](double value) { return value < 10 ? 2 : value < 100 ? 1 : 0; };
    if (seconds >= 1) {
        return fmt::format("{:.{}f} s", seconds, digits(seconds));
    }
    if (seconds >= 1e-3) {
        return fmt::format("{:.{}f} ms", seconds * 1e3, digits(seconds * 1e3));
    }
    return fmt::format("{:.{}f} us", seconds * 1e6, digits(seconds * 1e6));
}

std::string Row::text_of(double value) const {
    switch (unit) {
        case Unit::seconds:
            return duration(value);
        case Unit::bytes:
            return megabytes(static_cast<std::uint64_t>(value));
        case Unit::times:
            break;
    }
    return grouped(static_cast<std::uint64_t>(value));
}

std::vector<Row> compare(const Figures& paged_vec, const Figures& std_vector) {
    const auto row = [&](const char* what, Row::Unit unit, std::uint64_t Figures::* figure,
                         double scale = 1) {
        return Row{what, unit, scale * static_cast<double>(paged_vec.*figure),
                   scale * static_cast<double>(std_vector.*figure)};
    };
    using enum Row::Unit;
    return {
        row("Hash and append every word", seconds, &Figures::append_us, 1e-6),
        row("  times that growing moved the entries", times, &Figures::moves),
        row("  page faults", times, &Figures::faults),
        row("Sort", seconds, &Figures::sort_us, 1e-6),
        row("Count", seconds, &Figures::count_us, 1e-6),
        row("Empty it, memory back to the system", seconds, &Figures::empty_us, 1e-6),
        row("Append every word again", seconds, &Figures::refill_us, 1e-6),
        row("Make, fill and drop a vector of 16", seconds, &Figures::small_ns, 1e-9),
        row("  the same on memory of a pool", seconds, &Figures::pooled_ns, 1e-9),
        row("Resident with the text alone", bytes, &Figures::text_resident),
        row("Resident with the index", bytes, &Figures::full_resident),
        row("Resident after emptying it", bytes, &Figures::empty_resident),
        row("Resident when filled again", bytes, &Figures::refilled_resident),
        row("Peak resident", bytes, &Figures::peak_resident),
    };
}

std::string where_pages_lose(const std::vector<Row>& rows) {
    std::string lost;
    for (const Row& row : rows) {
        if (row.is_worse()) {
            lost += fmt::format("{}{} ({} against {})", lost.empty() ? "" : ", ",
                                row.what.substr(row.what.find_first_not_of(' ')),
                                row.text_of(row.paged_vec), row.text_of(row.std_vector));
        }
    }
    return lost.empty() ? "In this run PagedVec was worse at nothing."
                        : "Where PagedVec was worse in this run: " + lost + ".";
}

}  // namespace tour
