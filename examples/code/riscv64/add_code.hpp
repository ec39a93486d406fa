// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

/// `std::uint64_t(std::uint64_t, std::uint64_t)` for 64-bit RISC-V: the sum.
inline constexpr std::uint8_t add_code[] = {
    0x33, 0x05, 0xb5, 0x00,  // add a0, a0, a1
    0x67, 0x80, 0x00, 0x00,  // ret
};
