// SPDX-License-Identifier: MIT
// Assemble a function while the program runs, then call it.
#include <memory_pages/exec.hpp>
#include <memory_pages/memory_pages.hpp>

#include <array>
#include <cstdint>
#include <utility>

using namespace memory_pages;

// A function that adds its two arguments, for 64-bit Arm and for x86-64 (not Windows, which passes
// arguments elsewhere).
#if defined(__aarch64__)
constexpr std::array<std::uint8_t, 8> add_code = {0x00, 0x00, 0x01, 0x8b,   // add x0, x0, x1
                                                  0xc0, 0x03, 0x5f, 0xd6};  // ret
#else
constexpr std::array<std::uint8_t, 5> add_code = {0x48, 0x8d, 0x04, 0x37,  // lea rax, [rdi+rsi]
                                                  0xc3};                   // ret
#endif

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> memory(0x4000);
    memory.write_at(0, add_code);

    // From here on the bytes can be run and no longer changed: never both at a time.
    const auto code = std::move(memory).set_protected_exec();
    const auto add = code.get_fn<std::uint64_t(std::uint64_t, std::uint64_t)>();
    return add(43, 34) == 77 ? 0 : 1;
}
