// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// A hash function as machine code, assembled at run time, and the same in C++.
///
/// FNV-1a, 64 bits: starts with an offset basis, and for each byte XORs it in and multiplies by a
/// prime.

#include "text.hpp"

#include <memory_pages/exec.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tour {

inline constexpr std::uint64_t fnv_basis = 0xcbf29ce484222325;
inline constexpr std::uint64_t fnv_prime = 0x00000100000001b3;

/// One instruction: its bytes and its assembly text.
struct Instruction {
    std::vector<std::uint8_t> bytes;
    std::string text;
};

/// FNV-1a for this processor, with the C signature of `Hash`. Defined in one file per processor.
[[nodiscard]] std::vector<Instruction> assemble_hash();

using Hash = std::uint64_t(const std::uint8_t* data, std::size_t size);

using CodePages =
    memory_pages::Pages<memory_pages::AllowRead, memory_pages::DenyWrite, memory_pages::AllowExec>;

/// The instructions in executable pages that are not writable.
[[nodiscard]] CodePages load(const std::vector<Instruction>& instructions);

/// The same hash in C++.
[[nodiscard]] std::uint64_t hash_in_cpp(Bytes bytes);

}  // namespace tour
