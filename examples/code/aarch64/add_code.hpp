// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

/// `std::uint64_t(std::uint64_t, std::uint64_t)` for 64-bit Arm: the sum.
inline constexpr std::uint8_t add_code[] = {
    0x00, 0x00, 0x01, 0x8b,  // add x0, x0, x1
    0xc0, 0x03, 0x5f, 0xd6,  // ret
};
