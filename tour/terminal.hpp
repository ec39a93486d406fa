// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The output of the tour: 80 columns, in colour and with a live line only on a terminal.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace tour {

/// A condition that must hold, and whether it did.
struct Check {
    bool held;
    std::string what;
};

class Terminal {
public:
    Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    /// Removes the live line.
    ~Terminal() { clear_progress(); }

    void heading(std::string_view text);
    /// Prints a paragraph, broken into lines.
    void say(std::string_view text);
    /// Prints a line as it is.
    void line(std::string_view text);
    /// Prints a line after `ok` or `FAILED`.
    void check(bool held, std::string what);
    /// Shows the current step: on a terminal a live line, else a line every few seconds.
    void progress(std::string_view text);

    [[nodiscard]] const std::vector<Check>& checks() const { return checks_; }
    [[nodiscard]] std::size_t failures() const;

private:
    using Clock = std::chrono::steady_clock;

    [[nodiscard]] std::string coloured(std::string_view colour, std::string_view text) const;
    void wrap(std::string_view first, std::string_view indent, std::string_view text);
    void print(std::string_view text);
    void clear_progress();

    bool in_colour_;
    bool is_live_;
    bool has_live_line_ = false;
    Clock::time_point last_progress_ = Clock::now();
    std::vector<Check> checks_;
};

}  // namespace tour
