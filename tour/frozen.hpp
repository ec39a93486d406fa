// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What becomes of a write to pages that deny it: by the processor, and by the compiler.

#include "support/process.hpp"

#include <cstdint>
#include <string>

namespace tour {

/// How whoever reads (writes) the byte at an address ends, apart from this program.
[[nodiscard]] process::Outcome read_apart(const std::uint8_t* address);
[[nodiscard]] process::Outcome write_apart(std::uint8_t* address);

/// What the compiler that built the tour says to a write.
struct Ruling {
    std::string compiler;       ///< Its path.
    bool is_here = false;       ///< Whether it can be asked.
    bool allows_write = false;  ///< It compiles `statement` for pages with `AllowWrite` ...
    bool allows_deny = false;   ///< ... and for those with `DenyWrite`.
    std::string complaint;      ///< What it says to the latter.

    static constexpr const char* statement = "text[0] = 'x';";
};
[[nodiscard]] Ruling ask_compiler();

}  // namespace tour
