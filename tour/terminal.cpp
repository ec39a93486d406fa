// SPDX-License-Identifier: MIT
#include "terminal.hpp"

#include "support/process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace tour {
namespace {

constexpr std::size_t columns = 80;

/// The columns of UTF-8 text, one for each character.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

bool wants_colour() {
    const char* const no_color = std::getenv("NO_COLOR");
    return process::output_is_terminal() && (no_color == nullptr || *no_color == '\0');
}

}  // namespace

Terminal::Terminal() : in_colour_(wants_colour()), is_live_(process::errors_are_terminal()) {}

void Terminal::heading(std::string_view text) {
    print(fmt::format("\n{}\n", coloured("1;36", text)));
}

void Terminal::say(std::string_view text) { wrap("  ", "  ", text); }

void Terminal::line(std::string_view text) {
    print(text.empty() ? "\n" : fmt::format("  {}\n", text));
}

void Terminal::check(bool held, std::string what) {
    wrap(fmt::format("  {}", held ? coloured("32", "ok      ") : coloured("1;31", "FAILED  ")),
         "          ", what);
    checks_.push_back({held, std::move(what)});
}

void Terminal::progress(std::string_view text) {
    using std::chrono::milliseconds;
    const Clock::time_point now = Clock::now();
    const bool is_early = now - last_progress_ < milliseconds(is_live_ ? 100 : 5000);
    if (is_early && (has_live_line_ || !is_live_)) {
        return;
    }
    last_progress_ = now;
    has_live_line_ = is_live_;
    std::fflush(stdout);
    fmt::print(stderr, "{}{}{}", is_live_ ? "\r\x1b[K  " : "  (", text, is_live_ ? "" : ")\n");
    std::fflush(stderr);
}

std::size_t Terminal::failures() const {
    return static_cast<std::size_t>(std::ranges::count(checks_, false, &Check::held));
}

std::string Terminal::coloured(std::string_view colour, std::string_view text) const {
    return in_colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", colour, text) : std::string(text);
}

/// The first line begins with `first`, the others with `indent`, which is equally wide. Words
/// longer than a line are not broken.
void Terminal::wrap(std::string_view first, std::string_view indent, std::string_view text) {
    std::istringstream words{std::string(text)};
    std::string lines(first);
    std::size_t used = width(indent);
    for (std::string word; words >> word;) {
        if (used + width(word) > columns) {
            lines.back() = '\n';
            lines += indent;
            used = width(indent);
        }
        lines += word + ' ';
        used += width(word) + 1;
    }
    lines.back() = '\n';
    print(lines);
}

void Terminal::print(std::string_view text) {
    clear_progress();
    std::fwrite(text.data(), 1, text.size(), stdout);
}

void Terminal::clear_progress() {
    if (has_live_line_) {
        std::fputs("\r\x1b[K", stderr);
        has_live_line_ = false;
    }
}

}  // namespace tour
