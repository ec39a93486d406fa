// SPDX-License-Identifier: MIT
#include "sides.hpp"

#include "hash_code.hpp"
#include "index.hpp"

#include "support/probe.hpp"

#include <memory_pages/page_pool.hpp>
#include <memory_pages/paged_vec.hpp>

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tour {
namespace {

using Clock = std::chrono::steady_clock;

/// The names of all figures, to pass them between processes.
constexpr auto named_figures =
    std::to_array<std::pair<std::string_view, std::uint64_t Figures::*>>({
        {"words", &Figures::words},
        {"distinct", &Figures::distinct},
        {"one_word_per_hash", &Figures::one_word_per_hash},
        {"digest", &Figures::digest},
        {"refilled_digest", &Figures::refilled_digest},
        {"index_bytes", &Figures::index_bytes},
        {"moves", &Figures::moves},
        {"faults", &Figures::faults},
        {"append_us", &Figures::append_us},
        {"sort_us", &Figures::sort_us},
        {"count_us", &Figures::count_us},
        {"empty_us", &Figures::empty_us},
        {"refill_us", &Figures::refill_us},
        {"small_ns", &Figures::small_ns},
        {"pooled_ns", &Figures::pooled_ns},
        {"text_resident", &Figures::text_resident},
        {"full_resident", &Figures::full_resident},
        {"empty_resident", &Figures::empty_resident},
        {"refilled_resident", &Figures::refilled_resident},
        {"peak_resident", &Figures::peak_resident},
        {"left_resident", &Figures::left_resident},
        {"stayed", &Figures::stayed},
    });

// -- the process that works ---------------------------------------------------------------------

void print(const std::string& line) {
    std::fputs(line.c_str(), stdout);
    std::fflush(stdout);
}

void announce(std::string_view phase) { print(fmt::format("phase\t{}\n", phase)); }

/// Announces a phase, does it, and reports its processor time: on a busy machine that is more
/// meaningful than wall-clock time.
template <class Act>
std::uint64_t microseconds(std::string_view phase, Act act) {
    announce(phase);
    const std::clock_t begin = std::clock();
    act();
    return static_cast<std::uint64_t>(std::clock() - begin) * 1'000'000 / CLOCKS_PER_SEC;
}

/// Empties a vector and gives its memory back to the system.
void empty_out(memory_pages::PagedVec<Entry>& index) { index.clear_decommit(); }
void empty_out(std::vector<Entry>& index) {
    index.clear();
    index.shrink_to_fit();
}

memory_pages::PagedVec<Entry> vector_of(memory_pages::PagePool& pool) {
    return memory_pages::PagedVec<Entry>(pool);
}
/// A vector without a pool: `malloc` is its pool.
std::vector<Entry> vector_of(std::allocator<Entry>& heap) { return std::vector<Entry>(heap); }

template <class Make>
void make_small_vectors(std::uint64_t count, Make make) {
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        auto small = make();
        while (small.size() < 16) {
            small.push_back({i, 0, 0});
        }
        sum += small[i % 16].hash;
    }
    const volatile std::uint64_t used = sum;
    (void)used;
}

/// Makes small vectors, and returns the nanoseconds for one.
template <class Make>
std::uint64_t time_of_small_vectors(std::string_view phase, Make make) {
    constexpr std::uint64_t count = 2000;
    return microseconds(phase, [&] { make_small_vectors(count, make); }) * 1000 / count;
}

template <class Vector>
void work(const std::filesystem::path& file, std::size_t limit) {
    Figures figures;
    announce("read");
    Text source = read_text(file, limit, [](auto, auto) {});
    const FrozenPages pages = std::move(source.pages).deny_write();
    const Bytes text = pages.bytes().first(source.size);
    const CodePages code = load(assemble_hash());
    const auto hash = code.get_fn<Hash>();
    figures.text_resident = probe::resident_bytes();

    Vector index;
    const std::uint64_t faults = probe::page_faults();
    figures.append_us =
        microseconds("append", [&] { figures.moves = append_words(index, text, hash); });
    figures.faults = probe::page_faults() - faults;
    figures.words = index.size();
    figures.index_bytes = index.size() * sizeof(Entry);
    figures.digest = digest_of(index);

    figures.sort_us = microseconds("sort", [&] { sort_words(index); });
    Counts counts;
    figures.count_us = microseconds("count", [&] { counts = count_words(index, text); });
    figures.distinct = counts.distinct;
    figures.one_word_per_hash = counts.one_word_per_hash ? 1 : 0;
    figures.full_resident = probe::resident_bytes();

    const Entry* const place = index.data();
    figures.empty_us = microseconds("empty", [&] { empty_out(index); });
    figures.empty_resident = probe::resident_bytes();
    figures.left_resident = probe::resident_bytes(index.data(), index.capacity() * sizeof(Entry));
    figures.refill_us = microseconds("refill", [&] { append_words(index, text, hash); });
    figures.stayed = index.data() == place ? 1 : 0;
    figures.refilled_digest = digest_of(index);
    figures.refilled_resident = probe::resident_bytes();
    figures.peak_resident = probe::peak_resident_bytes();

    figures.small_ns = time_of_small_vectors("small vectors", [] { return Vector(); });
    std::conditional_t<std::is_same_v<Vector, std::vector<Entry>>, std::allocator<Entry>,
                       memory_pages::PagePool>
        source_of_memory;
    figures.pooled_ns = time_of_small_vectors("small vectors of a pool",
                                              [&] { return vector_of(source_of_memory); });

    for (const auto& [name, figure] : named_figures) {
        print(fmt::format("figure\t{}\t{}\n", name, figures.*figure));
    }
    for (const WordCount& word : counts.most_frequent) {
        print(fmt::format("word\t{}\t{}\n", word.count, printable(word.word, 30)));
    }
}

// -- the process that watches -------------------------------------------------------------------

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

std::uint64_t number(std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// Parses a line that `work` prints. The figures end the work.
void take(Side& side, std::string_view line, double now) {
    const std::size_t first = std::min(line.find('\t'), line.size() - 1);
    const std::size_t second = std::min(line.find('\t', first + 1), line.size());
    const std::string_view what = line.substr(0, first);
    const std::string_view key = line.substr(first + 1, second - first - 1);
    const std::string_view value = line.substr(std::min(second + 1, line.size()));
    if (what == "phase") {
        side.phases.push_back({std::string(key), now});
    } else if (what == "word") {
        side.most_frequent.push_back({number(key), std::string(value)});
    } else {
        side.seconds = side.seconds == 0 ? now : side.seconds;
        for (const auto& [name, figure] : named_figures) {
            if (name == key) {
                side.figures.*figure = number(value);
            }
        }
    }
}

}  // namespace

void run_side(Side::Kind kind, const std::filesystem::path& file, std::size_t limit) {
    if (kind == Side::Kind::paged_vec) {
        work<memory_pages::PagedVec<Entry>>(file, limit);
    } else {
        work<std::vector<Entry>>(file, limit);
    }
}

Side watch_side(Side::Kind kind, const std::filesystem::path& file, std::size_t megabytes,
                Terminal& terminal) {
    // A virtual machine, or one that has just reclaimed memory, takes longer to hand out memory
    // that was free for a while, and neither side should pay for that. Memory that is free in huge
    // pages is handed out as such, or in parts.
    (void)TextPages::try_new(3 * (megabytes << 20),
                             {.populate = true, .huge_pages = memory_pages::HugePages::prefer});

    Side side{.kind = kind};
    const Clock::time_point start = Clock::now();
    process::Child child(process::own_path(), {"--side", side.name(), "--size",
                                               std::to_string(megabytes), "--", file.string()});
    std::string output;
    while (child.read(output, std::chrono::milliseconds(20))) {
        const double now = seconds_since(start);
        if (side.seconds == 0) {
            side.samples.push_back({now, child.resident_bytes()});
        }
        for (std::size_t end = 0; (end = output.find('\n')) != std::string::npos;
             output.erase(0, end + 1)) {
            take(side, std::string_view(output).substr(0, end), now);
        }
        if (!side.phases.empty()) {
            terminal.progress(fmt::format("{}: {}, {:.1f} s, {} MB resident", side.name(),
                                          side.phases.back().name, now,
                                          side.samples.back().resident >> 20));
        }
    }
    if (side.seconds == 0) {
        side.seconds = seconds_since(start);
    }
    side.outcome = child.wait();
    return side;
}

}  // namespace tour
