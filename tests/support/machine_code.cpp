// SPDX-License-Identifier: MIT
#include "support/machine_code.hpp"

#include <cstdint>
#include <initializer_list>

namespace machine_code {
namespace {

void append_little_endian(Code& code, std::uint32_t word) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
        code.push_back(static_cast<std::uint8_t>(word >> shift));
    }
}

}  // namespace

#if defined(__x86_64__)  // System V calling convention.

namespace {

Code joined(Code first, const Code& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

Code append_digits(std::initializer_list<Code> additions) {
    Code code = {0x48, 0x89, 0xf8};  // mov rax, rdi
    for (const Code& addition : additions) {
        code = joined(joined(code, {0x48, 0x6b, 0xc0, 0x0a}), addition);  // imul rax, rax, 10
    }
    return joined(code, nothing());
}

}  // namespace

Code nothing() {
    return {0xc3};  // ret
}

Code constant(std::uint32_t value) {
    Code code = {0xb8};  // mov eax, value
    append_little_endian(code, value);
    return joined(code, nothing());
}

Code identity() { return joined({0x48, 0x89, 0xf8}, nothing()); }  // mov rax, rdi

Code add() { return joined({0x48, 0x8d, 0x04, 0x37}, nothing()); }  // lea rax, [rdi+rsi]

Code swap_words() {
    return joined({0x48, 0x89, 0xf0, 0x48, 0x89, 0xfa}, nothing());  // mov rax, rsi; mov rdx, rdi
}

Code six_digits() {
    return append_digits({{0x48, 0x01, 0xf0},    // add rax, rsi
                          {0x48, 0x01, 0xd0},    // add rax, rdx
                          {0x48, 0x01, 0xc8},    // add rax, rcx
                          {0x4c, 0x01, 0xc0},    // add rax, r8
                          {0x4c, 0x01, 0xc8}});  // add rax, r9
}

Code eight_digits() {
    return append_digits({{0x48, 0x01, 0xf0},                // add rax, rsi
                          {0x48, 0x01, 0xd0},                // add rax, rdx
                          {0x48, 0x01, 0xc8},                // add rax, rcx
                          {0x4c, 0x01, 0xc0},                // add rax, r8
                          {0x4c, 0x01, 0xc8},                // add rax, r9
                          {0x48, 0x03, 0x44, 0x24, 0x08},    // add rax, [rsp+8]
                          {0x48, 0x03, 0x44, 0x24, 0x10}});  // add rax, [rsp+16]
}

Code subtract_doubles() { return joined({0xf2, 0x0f, 0x5c, 0xc1}, nothing()); }  // subsd xmm0, xmm1

#elif defined(__aarch64__)

namespace {

Code from_words(std::initializer_list<std::uint32_t> words) {
    Code code;
    for (const std::uint32_t word : words) {
        append_little_endian(code, word);
    }
    return code;
}

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

#endif

}  // namespace machine_code
