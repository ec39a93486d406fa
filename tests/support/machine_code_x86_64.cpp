// SPDX-License-Identifier: MIT
// The System V calling convention.
#include "support/machine_code.hpp"

#include <cstdint>
#include <initializer_list>

namespace machine_code {

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
    return joined(joined({0xb8}, from_words({value})), nothing());  // mov eax, value
}

Code identity() { return joined({0x48, 0x89, 0xf8}, nothing()); }  // mov rax, rdi

Code add() { return joined({0x48, 0x8d, 0x04, 0x37}, nothing()); }  // lea rax, [rdi+rsi]

Code add_words() { return add(); }

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

}  // namespace machine_code
