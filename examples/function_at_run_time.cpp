// SPDX-License-Identifier: MIT
// Assemble a function while the program runs, then call it.
#include "add_code.hpp"  // add_code: the bytes of a function that adds its two arguments

#include <memory_pages/exec.hpp>
#include <memory_pages/memory_pages.hpp>

#include <cstdint>
#include <utility>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> memory(0x4000);
    memory.write_at(0, add_code);

    // From here on the bytes are executable and not writable: never both at a time.
    const auto code = std::move(memory).set_protected_exec();
    const auto add = code.get_fn<std::uint64_t(std::uint64_t, std::uint64_t)>();
    return add(43, 34) == 77 ? 0 : 1;
}
