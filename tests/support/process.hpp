// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Other processes, and the terminal of this one. Defined in one .cpp per system.

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
    int status = -1;     ///< Its exit status; -1 if it did not exit by itself.
    int signal = 0;      ///< Otherwise the number of the signal or exception,
    std::string killer;  ///< and its name: "Segmentation fault".

    [[nodiscard]] bool succeeded() const { return status == 0; }
};

/// Runs `act` so that its crash does not end this process: in a forked child or, where there is no
/// fork, in a thread that ends instead. Sanitizers do not report the crash. One at a time.
[[nodiscard]] Outcome run_apart(const std::function<void()>& act);

/// A program that runs beside this one, with its output readable here.
class Child {
public:
    enum class Errors { pass, capture };

    /// Starts the program, found like a shell does, with `input` (at most a page) as its standard
    /// input. `Errors::capture` redirects its standard error to its output. A program that cannot
    /// be started ends with status 127.
    Child(const std::string& program, const std::vector<std::string>& arguments,
          std::string_view input = {}, Errors errors = Errors::pass);
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    /// Waits for its end.
    ~Child();

    /// Waits at most `patience` for output, and appends it. False at its end.
    [[nodiscard]] bool read(std::string& output, std::chrono::milliseconds patience);

    /// The resident bytes of the process: a fast reading, not exact to the page; 0 after its end.
    [[nodiscard]] std::size_t resident_bytes() const;

    /// Waits for its end.
    [[nodiscard]] Outcome wait();

private:
    std::intptr_t id_ = -1;
    int output_ = -1;
    Outcome outcome_;
};

/// The path of the running program.
[[nodiscard]] std::string own_path();

/// Whether standard output (standard error) is a terminal.
[[nodiscard]] bool output_is_terminal();
[[nodiscard]] bool errors_are_terminal();

}  // namespace process
