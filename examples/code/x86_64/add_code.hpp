// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

/// `std::uint64_t(std::uint64_t, std::uint64_t)` for x86-64 (not Windows, which passes arguments
/// elsewhere): the sum.
inline constexpr std::uint8_t add_code[] = {
    0x48, 0x8d, 0x04, 0x37,  // lea rax, [rdi+rsi]
    0xc3,                    // ret
};
