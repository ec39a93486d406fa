// SPDX-License-Identifier: MIT
#include "support/machine_code.hpp"

#include <cstdint>
#include <initializer_list>

namespace machine_code {

namespace {

constexpr std::uint32_t ret = 0x00008067;
constexpr std::uint32_t ten_to_t0 = 0x00a00293;  // addi t0, zero, 10
constexpr std::uint32_t times_ten = 0x02550533;  // mul a0, a0, t0

/// `add a0, a0, a(i)`.
constexpr std::uint32_t add_argument(std::uint32_t i) { return 0x00050533 | (10 + i) << 20; }

/// a0 * 10 + a(i), for each i from 1 to `last`.
Code append_digits(std::uint32_t last) {
    Code code = from_words({ten_to_t0});
    for (std::uint32_t i = 1; i <= last; ++i) {
        const Code digit = from_words({times_ten, add_argument(i)});
        code.insert(code.end(), digit.begin(), digit.end());
    }
    const Code end = nothing();
    code.insert(code.end(), end.begin(), end.end());
    return code;
}

}  // namespace

Code nothing() { return from_words({ret}); }

Code constant(std::uint32_t value) {
    const std::uint32_t high = (value + 0x800) & 0xfffff000;  // The low part is signed.
    return from_words({0x00000537 | high,                     // lui a0, high
                       0x0005051b | value << 20,              // addiw a0, a0, low
                       ret});
}

Code identity() { return nothing(); }

Code add() { return from_words({add_argument(1), ret}); }

Code add_words() { return add(); }

Code swap_words() {
    return from_words({0x00050613, 0x00058513, 0x00060593, ret});  // mv a2, a0; a0, a1; a1, a2
}

Code six_digits() { return append_digits(5); }

Code eight_digits() { return append_digits(7); }

Code subtract_doubles() { return from_words({0x0ab57553, ret}); }  // fsub.d fa0, fa0, fa1

}  // namespace machine_code
