// SPDX-License-Identifier: MIT
#include "support/machine_code.hpp"

#include <cstdint>
#include <initializer_list>

namespace machine_code {

namespace {

// madd x0, x0, x9, x<i>: x0 * 10 + x<i>.
constexpr std::uint32_t append_digit(std::uint32_t i) { return 0x9b090000 | i << 10; }

constexpr std::uint32_t ten_to_x9 = 0xd2800149;  // mov x9, #10
constexpr std::uint32_t ret = 0xd65f03c0;

}  // namespace

Code nothing() { return from_words({ret}); }

Code constant(std::uint32_t value) {
    return from_words({0x52800000 | (value & 0xffff) << 5,  // movz w0, #low
                       0x72a00000 | value >> 16 << 5,       // movk w0, #high, lsl #16
                       ret});
}

Code identity() { return nothing(); }

Code add() { return from_words({0x8b010000, ret}); }  // add x0, x0, x1

Code add_words() { return add(); }

Code swap_words() {
    return from_words({0xaa0003e2, 0xaa0103e0, 0xaa0203e1, ret});  // mov x2, x0; x0, x1; x1, x2
}

Code six_digits() {
    return from_words({ten_to_x9, append_digit(1), append_digit(2), append_digit(3),
                       append_digit(4), append_digit(5), ret});
}

Code eight_digits() {
    return from_words({ten_to_x9, append_digit(1), append_digit(2), append_digit(3),
                       append_digit(4), append_digit(5), append_digit(6), append_digit(7), ret});
}

Code subtract_doubles() { return from_words({0x1e613800, ret}); }  // fsub d0, d0, d1

}  // namespace machine_code
