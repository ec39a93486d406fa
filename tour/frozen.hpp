// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What happens to a write to pages that deny it: by the processor, and by the compiler.

#include "support/process.hpp"

#include <cstdint>
#include <string>

namespace tour {

/// How a child process ends that reads (writes) the byte at an address.
[[nodiscard]] process::Outcome read_apart(const std::uint8_t* address);
[[nodiscard]] process::Outcome write_apart(std::uint8_t* address);

/// What the compiler that built the tour reports for a write.
struct Ruling {
    std::string compiler;       ///< Its path.
    bool is_here = false;       ///< Whether it can be run.
    bool allows_write = false;  ///< It compiles `statement` for pages with `AllowWrite` ...
    bool allows_deny = false;   ///< ... and for those with `DenyWrite`.
    std::string complaint;      ///< Its message for the latter.

    static constexpr const char* statement = "text[0] = 'x';";
};
[[nodiscard]] Ruling ask_compiler();

}  // namespace tour
