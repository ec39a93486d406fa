// SPDX-License-Identifier: MIT
#include "hash_code.hpp"

#include <memory_pages/page_size.hpp>

namespace tour {

CodePages load(const std::vector<Instruction>& instructions) {
    TextPages code(memory_pages::page_size());
    std::size_t at = 0;
    for (const Instruction& instruction : instructions) {
        code.write_at(at, instruction.bytes);
        at += instruction.bytes.size();
    }
    return std::move(code).set_protected_exec();
}

std::uint64_t hash_in_cpp(Bytes bytes) {
    std::uint64_t hash = fnv_basis;
    for (const std::uint8_t byte : bytes) {
        hash ^= byte;
        hash *= fnv_prime;
    }
    return hash;
}

}  // namespace tour
