// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

/// `std::uint64_t(std::uint64_t, std::uint64_t)` for Windows on x86-64: the sum.
inline constexpr std::uint8_t add_code[] = {
    0x48, 0x8d, 0x04, 0x11,  // lea rax, [rcx+rdx]
    0xc3,                    // ret
};
