// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Other processes, and the terminal of this one. One .cpp per system defines it.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace process {

/// How a process ended.
struct Outcome {
    int status = -1;     ///< What it exited with; -1 if it did not exit by itself.
    int signal = 0;      ///< Else the number of what ended it,
    std::string killer;  ///< and what that is called: "Segmentation fault".

    [[nodiscard]] bool succeeded() const { return status == 0; }
};

/// Runs `act` where its end is not ours: in a copy of this process, or, where a process cannot be
/// copied, in a thread of this one that ends in its place. No sanitizer is asked for its opinion on
/// what ends it. One at a time.
[[nodiscard]] Outcome run_apart(const std::function<void()>& act);

/// A program that runs beside this one. What it prints comes here.
class Child {
public:
    enum class Errors { pass, capture };

    /// Starts the program, looked up as a shell would, with `input` (of at most a page) as its
    /// standard input. `Errors::capture` sends its standard error the way of its output. A program
    /// that cannot be started ends with status 127.
    Child(const std::string& program, const std::vector<std::string>& arguments,
          std::string_view input = {}, Errors errors = Errors::pass);
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    /// Waits for it to end.
    ~Child();

    /// Waits for output no longer than `patience`, and appends what there is. False at its end.
    [[nodiscard]] bool read(std::string& output, std::chrono::milliseconds patience);

    /// Bytes of physical memory behind the process now, cheaply and a few pages off; 0 when it has
    /// ended.
    [[nodiscard]] std::size_t resident_bytes() const;

    /// Waits for it to end.
    [[nodiscard]] Outcome wait();

private:
    std::intptr_t id_ = -1;
    int output_ = -1;
    Outcome outcome_;
};

/// The path of the program that runs.
[[nodiscard]] std::string own_path();

/// Whether standard output (standard error) is a terminal.
[[nodiscard]] bool output_is_terminal();
[[nodiscard]] bool errors_are_terminal();

}  // namespace process
