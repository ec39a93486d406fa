// SPDX-License-Identifier: MIT
/// \file
/// `measure WORK SIZE ROUNDS SEED WAY...` prints a line of JSON for each sample. Without arguments,
/// lists works and ways, one of each a line. `measure try` runs each way once.

#include "measure.hpp"

#include "by_hand.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <string_view>

namespace measure {
namespace {

struct Entry {
    std::string work;
    std::string name;
    std::size_t warmth;
    Prepare prepare;
};

std::vector<Entry>& entries() {
    static std::vector<Entry> all;
    return all;
}

void print(std::string_view way, const Sample& sample) {
    std::printf(R"({"way": "%.*s", "ns": %.2f, "resident": %.0f, "course": [)",
                static_cast<int>(way.size()), way.data(), sample.nanoseconds, sample.resident);
    const char* separator = "";
    for (const auto& [milliseconds, mebibytes] : sample.course) {
        std::printf("%s[%.2f, %.2f]", separator, milliseconds, mebibytes);
        separator = ", ";
    }
    std::puts("]}");
    std::fflush(stdout);
}

int run(std::string_view work, std::size_t size, std::size_t rounds, std::size_t seed,
        const std::vector<std::string_view>& names) {
    struct Running {
        std::string_view name;
        std::size_t warm_bytes;
        Sampler sample;
    };
    std::vector<Running> ways;
    for (const std::string_view name : names) {
        const auto found = std::ranges::find_if(entries(), [&](const Entry& entry) {
            return entry.work == work && entry.name == name;
        });
        if (found == entries().end()) {
            std::fprintf(stderr, "measure: no way of that name here\n");
            return 2;
        }
        ways.push_back({found->name, found->warmth * size, found->prepare(size)});
    }
    std::minstd_rand random(static_cast<std::minstd_rand::result_type>(seed));
    for (std::size_t round = 0; round < rounds; ++round) {
        std::ranges::shuffle(ways, random);
        for (const Running& way : ways) {
            by_hand::warm(way.warm_bytes);
            print(way.name, way.sample());
        }
    }
    return 0;
}

/// Runs each way on a small size.
void try_all() {
    constexpr std::size_t size = std::size_t{128} << 10;
    for (const Entry& entry : entries()) {
        by_hand::warm(entry.warmth * size);
        entry.prepare(size)();
    }
}

std::size_t number(const char* text) { return std::strtoull(text, nullptr, 10); }

}  // namespace

double processor_time() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

Way::Way(std::string work, std::string name, std::size_t warmth, Prepare prepare) {
    entries().push_back({std::move(work), std::move(name), warmth, std::move(prepare)});
}

}  // namespace measure

int main(int argc, char** argv) {
    if (argc == 1) {
        for (const auto& entry : measure::entries()) {
            std::printf("%s\t%s\n", entry.work.c_str(), entry.name.c_str());
        }
        return 0;
    }
    if (argc == 2 && std::string_view(argv[1]) == "try") {
        measure::try_all();
        return 0;
    }
    if (argc < 6) {
        std::fprintf(stderr, "usage: measure [try | WORK SIZE ROUNDS SEED WAY...]\n");
        return 2;
    }
    return measure::run(argv[1], measure::number(argv[2]), measure::number(argv[3]),
                        measure::number(argv[4]), {argv + 5, argv + argc});
}
