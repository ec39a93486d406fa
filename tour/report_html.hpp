// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The tour as one self-contained page.

#include "comparison.hpp"
#include "frozen.hpp"
#include "hash_code.hpp"
#include "sides.hpp"
#include "terminal.hpp"
#include "text.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tour {

/// Everything that the tour found.
struct Story {
    std::string file;
    std::size_t file_size = 0;
    std::size_t copies = 0;
    std::size_t text_size = 0;
    Facts facts;
    std::uint64_t checksum = 0;
    process::Outcome writer;
    Ruling ruling;
    std::vector<Instruction> code;
    std::uint64_t words = 0;
    double machine_code_seconds = 0;
    double cpp_seconds = 0;
    Side paged_vec{.kind = Side::Kind::paged_vec};
    Side std_vector{.kind = Side::Kind::std_vector};
    std::vector<Row> rows;
    std::vector<Check> checks;
};

/// "15,300,280 bytes, 17 times: ..."
[[nodiscard]] std::string describe_text(const Story& story);

/// The bytes of an instruction, in hexadecimal.
[[nodiscard]] std::string hex(const Instruction& instruction);

[[nodiscard]] std::string make_page(const Story& story);

}  // namespace tour
