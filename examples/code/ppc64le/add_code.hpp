// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

/// `std::uint64_t(std::uint64_t, std::uint64_t)` for little-endian 64-bit POWER: the sum.
inline constexpr std::uint8_t add_code[] = {
    0x14, 0x22, 0x63, 0x7c,  // add r3, r3, r4
    0x20, 0x00, 0x80, 0x4e,  // blr
};
