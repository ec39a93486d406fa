// SPDX-License-Identifier: MIT
#include "hash_code.hpp"
#include "x86_assembler.hpp"

namespace tour {

// System V calling convention: data in rdi, size in rsi.
std::vector<Instruction> assemble_hash() {
    using namespace x86;
    return x86::assemble_hash({.data = rdi, .size = rsi, .prime = rcx, .byte = rdx});
}

}  // namespace tour
