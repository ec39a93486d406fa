// SPDX-License-Identifier: MIT
// A tour of the library on a real text: `./dev demo`.

#include "comparison.hpp"
#include "frozen.hpp"
#include "hash_code.hpp"
#include "index.hpp"
#include "report_html.hpp"
#include "sides.hpp"
#include "terminal.hpp"
#include "text.hpp"

#include "support/probe.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace tour {
namespace {

namespace fs = std::filesystem;

struct Options {
    std::string file = "/usr/share/wordnet/data.noun";
    std::size_t megabytes = 256;
    std::string output = "tour.html";
    std::string side;

    [[nodiscard]] std::size_t limit() const { return megabytes << 20; }
};

template <class Act>
double seconds_of(Act act) {
    const auto begin = std::chrono::steady_clock::now();
    act();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Checks before the work: throws `Failure` if the page cannot be written.
void require_writable(const fs::path& output, const fs::path& file) {
    std::error_code none;
    if (fs::equivalent(output, file, none)) {
        throw Failure(fmt::format("{}: is the text itself", output.string()));
    }
    if (!std::ofstream(output, std::ios::app)) {
        throw Failure(
            fmt::format("{}: {}", output.string(), std::generic_category().message(errno)));
    }
}

void show_compiler(const Ruling& ruling, Terminal& terminal) {
    if (!ruling.is_here) {
        terminal.say(fmt::format("(The compiler that built this, {}, is not here to be asked.)",
                                 ruling.compiler));
        return;
    }
    terminal.say(fmt::format("{} on \"{}\":", ruling.compiler, Ruling::statement));
    terminal.say("  " + ruling.complaint);
    terminal.check(ruling.allows_write && !ruling.allows_deny,
                   "that does not compile, and with AllowWrite it does");
}

FrozenPages freeze(Text text, Story& story, Terminal& terminal) {
    terminal.heading("2  Frozen by deny_write");
    std::uint8_t* const raw = text.pages.get_ptr_mut();
    FrozenPages pages = std::move(text.pages).deny_write();
    terminal.check(
        probe::permissions(pages.data()) == "r--",
        fmt::format("the system says \"{}\" of its first page", probe::permissions(pages.data())));
    terminal.check(hash_in_cpp(pages.bytes().first(story.text_size)) == story.checksum,
                   "its contents are the same");
    terminal.check(read_apart(raw).succeeded(), "it can be read by a raw pointer");
    story.writer = write_apart(raw);
    terminal.check(!story.writer.killer.empty(),
                   story.writer.succeeded()
                       ? "a write by a raw pointer is stopped: it was not"
                       : "a write by a raw pointer is stopped: " + story.writer.killer);
    terminal.progress("asking the compiler");
    story.ruling = ask_compiler();
    show_compiler(story.ruling, terminal);
    return pages;
}

void assemble(Bytes text, Story& story, Terminal& terminal) {
    terminal.heading("3  A hash function, assembled now");
    story.code = assemble_hash();
    std::size_t at = 0;
    for (const Instruction& instruction : story.code) {
        terminal.line(fmt::format("{:#04x}  {:<30}  {}", at, hex(instruction), instruction.text));
        at += instruction.bytes.size();
    }
    const CodePages code = load(story.code);
    terminal.check(
        probe::permissions(code.data()) == "r-x",
        fmt::format("the system says \"{}\" of its page", probe::permissions(code.data())));

    const auto hash = code.get_fn<Hash>();
    terminal.progress("hashing every word");
    std::uint64_t sum = 0;
    std::uint64_t sum_in_cpp = 0;
    story.machine_code_seconds = seconds_of([&] {
        for_each_word(text, [&](std::size_t offset, std::size_t length) {
            sum += hash(text.data() + offset, length);
        });
    });
    story.cpp_seconds = seconds_of([&] {
        for_each_word(text, [&](std::size_t offset, std::size_t length) {
            sum_in_cpp += hash_in_cpp(text.subspan(offset, length));
        });
    });
    std::uint64_t differing = 0;
    for_each_word(text, [&](std::size_t offset, std::size_t length) {
        ++story.words;
        differing +=
            hash(text.data() + offset, length) != hash_in_cpp(text.subspan(offset, length));
    });
    terminal.check(differing == 0 && sum == sum_in_cpp,
                   fmt::format("machine code and C++ agree on all {} words", grouped(story.words)));
    terminal.say(fmt::format("It took {} for them, the same in C++ {}.",
                             duration(story.machine_code_seconds), duration(story.cpp_seconds)));
}

bool finished(const Side& side, Terminal& terminal) {
    const process::Outcome& outcome = side.outcome;
    terminal.check(outcome.succeeded(),
                   fmt::format("the process with {} {}", side.name(),
                               outcome.succeeded() ? "did its work in " + duration(side.seconds)
                               : outcome.killer.empty() ? "gave up"
                                                        : "was killed: " + outcome.killer));
    return outcome.succeeded();
}

void check_sides(const Story& story, Terminal& terminal) {
    const Figures& a = story.paged_vec.figures;
    const Figures& b = story.std_vector.figures;
    terminal.check(a.words == story.words && a.words == b.words && a.digest == b.digest &&
                       a.distinct == b.distinct &&
                       story.paged_vec.most_frequent == story.std_vector.most_frequent,
                   "both found the same words, as often");
    terminal.check(a.one_word_per_hash == 1 && b.one_word_per_hash == 1,
                   "no two different words have the same hash");
    terminal.check(a.refilled_digest == a.digest && b.refilled_digest == b.digest,
                   "emptied and filled again, both hold the same as before");
    terminal.check(a.left_resident == 0,
                   fmt::format("clear_decommit left {} resident of PagedVec's {}",
                               megabytes(a.left_resident), megabytes(a.index_bytes)));
    terminal.check(a.stayed == 1, "filled again, its entries lie where they lay");
}

void show_figures(const Story& story, Terminal& terminal) {
    terminal.line(fmt::format("{:<45}{:>15}{:>15}", "", "PagedVec", "std::vector"));
    for (const Row& row : story.rows) {
        terminal.line(fmt::format("{:<45}{:>15}{:>15}", row.what, row.text_of(row.paged_vec),
                                  row.text_of(row.std_vector)));
    }
    terminal.line("");
    terminal.say(where_pages_lose(story.rows));
    terminal.say(about_figures);
}

void show_words(const Side& side, Terminal& terminal) {
    terminal.line(
        fmt::format("The most frequent of {} different words:", grouped(side.figures.distinct)));
    for (const Side::Word& word : side.most_frequent) {
        terminal.line(fmt::format("{:>14}  {}", grouped(word.count), word.text));
    }
}

void index_words(const Options& options, Story& story, Terminal& terminal) {
    terminal.heading("4  An index of its words: PagedVec beside std::vector");
    terminal.say(
        "Each in a process of its own, from the same template; (hash, place, length) of every "
        "word is appended without reserving, sorted, counted, given back, appended again.");
    story.paged_vec = watch_side(Side::Kind::paged_vec, options.file, options.megabytes, terminal);
    const bool is_first_done = finished(story.paged_vec, terminal);
    story.std_vector =
        watch_side(Side::Kind::std_vector, options.file, options.megabytes, terminal);
    if (finished(story.std_vector, terminal) && is_first_done) {
        check_sides(story, terminal);
        story.rows = compare(story.paged_vec.figures, story.std_vector.figures);
        show_words(story.paged_vec, terminal);
        terminal.heading("5  What it took");
        show_figures(story, terminal);
    }
}

int show(const Options& options) {
    Terminal terminal;
    Story story{.file = options.file};
    const double took = seconds_of([&] {
        Text text =
            read_text(options.file, options.limit(), [&](std::size_t done, std::size_t all) {
                terminal.progress(
                    fmt::format("reading: {} of {}", megabytes(done), megabytes(all)));
            });
        require_writable(options.output, options.file);
        terminal.heading("1  A text in pages");
        story.file_size = text.file_size;
        story.copies = text.copies;
        story.text_size = text.size;
        const Bytes bytes = text.pages.bytes().first(text.size);
        story.facts = look_over(bytes);
        story.checksum = hash_in_cpp(bytes);
        terminal.line(options.file);
        terminal.say(describe_text(story));
        {
            const FrozenPages frozen = freeze(std::move(text), story, terminal);
            assemble(frozen.bytes().first(story.text_size), story, terminal);
        }
        index_words(options, story, terminal);
    });
    story.checks = terminal.checks();

    std::ofstream page(options.output, std::ios::binary);
    page << make_page(story);
    page.close();
    if (!page) {
        throw Failure(fmt::format("{}: cannot be written", options.output));
    }
    terminal.heading(
        terminal.failures() == 0
            ? fmt::format("All {} checks held, in {}", terminal.checks().size(), duration(took))
            : fmt::format("{} of {} checks FAILED", terminal.failures(), terminal.checks().size()));
    terminal.line("with a chart: " + fs::absolute(options.output).string());
    return terminal.failures() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int run(int argc, char** argv) {
    Options options;
    CLI::App app(
        "Shows on a real text what memory_pages does: freezes it, assembles a hash\n"
        "function and runs it, and indexes the words with PagedVec and std::vector.");
    app.add_option("FILE", options.file, "A text")->capture_default_str();
    app.add_option("--size", options.megabytes,
                   "Repeat it up to so many MB; about three times as much is used")
        ->capture_default_str()
        ->check(CLI::Range(1, 4095));
    app.add_option("--output", options.output, "Where to write the page with the chart")
        ->capture_default_str();
    app.add_option("--side", options.side)
        ->group("")
        ->check(CLI::IsMember({"PagedVec", "std::vector"}));
    app.allow_windows_style_options(false);  // A file name may begin with a slash.
    CLI11_PARSE(app, argc, argv);

    if (options.side.empty()) {
        return show(options);
    }
    run_side(options.side == "PagedVec" ? Side::Kind::paged_vec : Side::Kind::std_vector,
             options.file, options.limit());
    return EXIT_SUCCESS;
}

}  // namespace
}  // namespace tour

int main(int argc, char** argv) {
    try {
        return tour::run(argc, argv);
    } catch (const std::exception& failure) {
        fmt::print(stderr, "tour: {}\n", failure.what());
        return EXIT_FAILURE;
    }
}
