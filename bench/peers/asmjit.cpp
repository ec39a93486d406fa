// SPDX-License-Identifier: MIT
/// \file
/// asmjit's virtual memory.

#include "measure.hpp"

#include <asmjit/core.h>

namespace {

const measure::Way way("create and drop", "asmjit::VirtMem", 0, [](std::size_t bytes) {
    return measure::repeated(100, [=] {
        void* memory = nullptr;
        asmjit::VirtMem::alloc(&memory, bytes, asmjit::VirtMem::MemoryFlags::kAccessRW);
        measure::keep(memory);
        asmjit::VirtMem::release(memory, bytes);
    });
});

}  // namespace
