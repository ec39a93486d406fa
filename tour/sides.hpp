// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The same work with a `PagedVec` and with a `std::vector`: each side is a process, runs the same
/// template, and is watched from here.

#include "terminal.hpp"

#include "support/process.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace tour {

/// The counts and measurements of a side.
struct Figures {
    std::uint64_t words = 0;
    std::uint64_t distinct = 0;           ///< Different words.
    std::uint64_t one_word_per_hash = 0;  ///< Whether different words had different hashes.
    std::uint64_t digest = 0;             ///< Of the index, in any order.
    std::uint64_t refilled_digest = 0;    ///< The same after emptying and refilling.
    std::uint64_t index_bytes = 0;        ///< Bytes of all entries.
    std::uint64_t moves = 0;              ///< How often growth moved the entries.
    std::uint64_t faults = 0;             ///< Page faults while appending.

    std::uint64_t append_us = 0;
    std::uint64_t sort_us = 0;
    std::uint64_t count_us = 0;
    std::uint64_t empty_us = 0;
    std::uint64_t refill_us = 0;
    std::uint64_t small_ns = 0;   ///< To make, fill with 16 entries and drop a vector.
    std::uint64_t pooled_ns = 0;  ///< The same with a pool, if there is one.

    std::uint64_t text_resident = 0;      ///< Resident bytes with the text alone,
    std::uint64_t full_resident = 0;      ///< with the index,
    std::uint64_t empty_resident = 0;     ///< after emptying it and giving its memory back,
    std::uint64_t refilled_resident = 0;  ///< and after refilling it.
    std::uint64_t peak_resident = 0;

    std::uint64_t left_resident = 0;  ///< Of the entries' own pages, after emptying.
    std::uint64_t stayed = 0;         ///< Whether the entries have the same address as before.
};

struct Side {
    enum class Kind { paged_vec, std_vector };

    struct Phase {
        std::string name;
        double begin;  ///< In seconds since the start of the process.
    };
    struct Sample {
        double at;
        std::size_t resident;
    };
    struct Word {
        std::uint64_t count;
        std::string text;
        bool operator==(const Word&) const = default;
    };

    Kind kind;
    process::Outcome outcome;
    Figures figures;
    std::vector<Word> most_frequent;
    std::vector<Phase> phases;
    std::vector<Sample> samples;
    double seconds = 0;  ///< Until the work was done.

    [[nodiscard]] const char* name() const {
        return kind == Kind::paged_vec ? "PagedVec" : "std::vector";
    }
};

/// Does the work of one side in this process, and prints what `watch_side` parses.
void run_side(Side::Kind kind, const std::filesystem::path& file, std::size_t limit);

/// Starts this program again with `--side`, and watches it.
[[nodiscard]] Side watch_side(Side::Kind kind, const std::filesystem::path& file,
                              std::size_t megabytes, Terminal& terminal);

}  // namespace tour
