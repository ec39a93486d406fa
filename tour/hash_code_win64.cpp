// SPDX-License-Identifier: MIT
#include "hash_code.hpp"
#include "x86_assembler.hpp"

namespace tour {

// The calling convention of Windows: data in rcx, size in rdx; r8 and r9 are free.
std::vector<Instruction> assemble_hash() {
    using namespace x86;
    return x86::assemble_hash({.data = rcx, .size = rdx, .prime = r8, .byte = r9});
}

}  // namespace tour
