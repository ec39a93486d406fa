// SPDX-License-Identifier: MIT
// The second ABI (ELFv2): a function pointer is the address of its first instruction.
#include "support/machine_code.hpp"

#include <cstdint>
#include <initializer_list>

namespace machine_code {

namespace {

constexpr std::uint32_t blr = 0x4e800020;
constexpr std::uint32_t times_ten = 0x1c63000a;  // mulli r3, r3, 10

/// `add r3, r3, r(3 + i)`.
constexpr std::uint32_t add_argument(std::uint32_t i) { return 0x7c630214 | (3 + i) << 11; }

/// r3 * 10 + r(3 + i), for each i from 1 to `last`.
Code append_digits(std::uint32_t last) {
    Code code;
    for (std::uint32_t i = 1; i <= last; ++i) {
        const Code digit = from_words({times_ten, add_argument(i)});
        code.insert(code.end(), digit.begin(), digit.end());
    }
    const Code end = nothing();
    code.insert(code.end(), end.begin(), end.end());
    return code;
}

}  // namespace

Code nothing() { return from_words({blr}); }

Code constant(std::uint32_t value) {
    return from_words({0x3c600000 | value >> 16,       // lis r3, high
                       0x60630000 | (value & 0xffff),  // ori r3, r3, low
                       0x78630020,                     // clrldi r3, r3, 32
                       blr});
}

Code identity() { return nothing(); }

Code add() { return from_words({add_argument(1), blr}); }

Code add_words() { return add(); }

Code swap_words() {
    return from_words({0x7c651b78, 0x7c832378, 0x7ca42b78, blr});  // mr r5, r3; r3, r4; r4, r5
}

Code six_digits() { return append_digits(5); }

Code eight_digits() { return append_digits(7); }

Code subtract_doubles() { return from_words({0xfc211028, blr}); }  // fsub f1, f1, f2

}  // namespace machine_code
