// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Code that runs in a signal handler, on its own stack.

#include <cstddef>
#include <cstdint>
#include <span>

namespace handler {

/// The code of a handler. A plain function, without any C++ library code around it.
using Act = void (*)();

/// Called by an `Act` right before the measured code: counts stack use from here on.
void begin_counting();

/// A stack for handlers. The addresses below it fault.
class Stack {
public:
    explicit Stack(std::size_t bytes);
    Stack(const Stack&) = delete;
    Stack& operator=(const Stack&) = delete;
    ~Stack();

    /// Runs `act` in a signal handler on this stack. Returns the bytes used below the caller of
    /// `begin_counting`.
    [[nodiscard]] std::size_t used_by(Act act) const;

private:
    std::uint8_t* base_;
    std::size_t whole_;
    std::span<std::uint8_t> bytes_;
};

/// The smallest stack on which the kernel delivers a signal.
[[nodiscard]] std::size_t least_stack();

}  // namespace handler
