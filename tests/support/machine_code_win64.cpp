// SPDX-License-Identifier: MIT
// x86-64 with the calling convention of Windows: arguments in rcx, rdx, r8, r9, then on the stack;
// structs larger than a word by address.
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
    Code code = {0x48, 0x89, 0xc8};  // mov rax, rcx
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

Code identity() { return joined({0x48, 0x89, 0xc8}, nothing()); }  // mov rax, rcx

Code add() { return joined({0x48, 0x8d, 0x04, 0x11}, nothing()); }  // lea rax, [rcx+rdx]

Code add_words() {
    return joined({0x48, 0x8b, 0x01,         // mov rax, [rcx]
                   0x48, 0x03, 0x41, 0x08},  // add rax, [rcx+8]
                  nothing());
}

Code swap_words() {
    return joined({0x4c, 0x8b, 0x02,        // mov r8, [rdx]
                   0x4c, 0x8b, 0x4a, 0x08,  // mov r9, [rdx+8]
                   0x4c, 0x89, 0x09,        // mov [rcx], r9
                   0x4c, 0x89, 0x41, 0x08,  // mov [rcx+8], r8
                   0x48, 0x89, 0xc8},       // mov rax, rcx
                  nothing());
}

Code six_digits() {
    return append_digits({{0x48, 0x01, 0xd0},                // add rax, rdx
                          {0x4c, 0x01, 0xc0},                // add rax, r8
                          {0x4c, 0x01, 0xc8},                // add rax, r9
                          {0x48, 0x03, 0x44, 0x24, 0x28},    // add rax, [rsp+40]
                          {0x48, 0x03, 0x44, 0x24, 0x30}});  // add rax, [rsp+48]
}

Code eight_digits() {
    return append_digits({{0x48, 0x01, 0xd0},                // add rax, rdx
                          {0x4c, 0x01, 0xc0},                // add rax, r8
                          {0x4c, 0x01, 0xc8},                // add rax, r9
                          {0x48, 0x03, 0x44, 0x24, 0x28},    // add rax, [rsp+40]
                          {0x48, 0x03, 0x44, 0x24, 0x30},    // add rax, [rsp+48]
                          {0x48, 0x03, 0x44, 0x24, 0x38},    // add rax, [rsp+56]
                          {0x48, 0x03, 0x44, 0x24, 0x40}});  // add rax, [rsp+64]
}

Code subtract_doubles() { return joined({0xf2, 0x0f, 0x5c, 0xc1}, nothing()); }  // subsd xmm0, xmm1

}  // namespace machine_code
