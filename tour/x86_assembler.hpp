// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// An assembler for x86-64, and the hash in it: calling conventions differ only in registers.

#include "hash_code.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tour::x86 {

/// Ten registers; the values are the processor's register numbers.
enum Register : std::uint8_t { rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9 };

inline std::string name(Register r) {
    return std::array{"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9"}[r];
}

/// The instructions that the hash needs. Operands have 64 bits, targets come first.
class Assembler {
public:
    /// The offset of the next instruction, for jumps.
    [[nodiscard]] std::size_t here() const { return size_; }

    void mov(Register to, std::uint64_t value) {
        std::vector<std::uint8_t> bytes{wide(rax, to), static_cast<std::uint8_t>(0xb8 | (to & 7))};
        for (unsigned shift = 0; shift < 64; shift += 8) {
            bytes.push_back(static_cast<std::uint8_t>(value >> shift));
        }
        emit(bytes, fmt::format("mov   {}, {:#x}", name(to), value));
    }
    void add(Register to, Register from) {
        emit({wide(from, to), 0x01, registers(from, to)},
             fmt::format("add   {}, {}", name(to), name(from)));
    }
    void xor_into(Register to, Register from) {
        emit({wide(from, to), 0x31, registers(from, to)},
             fmt::format("xor   {}, {}", name(to), name(from)));
    }
    void cmp(Register a, Register b) {
        emit({wide(b, a), 0x39, registers(b, a)}, fmt::format("cmp   {}, {}", name(a), name(b)));
    }
    void imul(Register to, Register from) {
        emit({wide(to, from), 0x0f, 0xaf, registers(to, from)},
             fmt::format("imul  {}, {}", name(to), name(from)));
    }
    void inc(Register r) { emit({wide(rax, r), 0xff, registers(rax, r)}, "inc   " + name(r)); }
    /// Loads a byte, zero-extended.
    void movzx(Register to, Register address) {
        emit({wide(to, address), 0x0f, 0xb6, fields(to, address)},
             fmt::format("movzx {}, byte [{}]", name(to), name(address)));
    }
    void jne(std::size_t target) {
        emit({0x75, distance(here() + 2, target)}, fmt::format("jne   {:#04x}", target));
    }
    /// A forward jump; `land` with the result sets its target.
    [[nodiscard]] std::size_t je() {
        emit({0x74, 0}, "je    ");
        return here();
    }
    void land(std::size_t behind_jump) {
        std::size_t end = 0;
        for (Instruction& instruction : instructions_) {
            end += instruction.bytes.size();
            if (end == behind_jump) {
                instruction.bytes.back() = distance(behind_jump, here());
                instruction.text += fmt::format("{:#04x}", here());
            }
        }
    }
    void ret() { emit({0xc3}, "ret"); }

    std::vector<Instruction> take() && { return std::move(instructions_); }

private:
    /// The REX prefix: 64-bit operands, and the high bits of the registers.
    static std::uint8_t wide(Register reg, Register rm) {
        return static_cast<std::uint8_t>(0x48 | reg >> 3 << 2 | rm >> 3);
    }
    /// The ModRM byte for two registers; the second may be an address.
    static std::uint8_t fields(Register reg, Register rm) {
        return static_cast<std::uint8_t>((reg & 7) << 3 | (rm & 7));
    }
    static std::uint8_t registers(Register reg, Register rm) {
        return static_cast<std::uint8_t>(0xc0 | fields(reg, rm));
    }
    /// A jump distance: from the end of the jump, in a signed byte.
    static std::uint8_t distance(std::size_t behind_jump, std::size_t target) {
        return static_cast<std::uint8_t>(target - behind_jump);
    }
    void emit(std::vector<std::uint8_t> bytes, std::string text) {
        size_ += bytes.size();
        instructions_.push_back({std::move(bytes), std::move(text)});
    }

    std::vector<Instruction> instructions_;
    std::size_t size_ = 0;
};

/// The argument and scratch registers of a calling convention.
struct Registers {
    Register data;
    Register size;
    Register prime;
    Register byte;
};

/// Every convention returns the result in rax.
inline std::vector<Instruction> assemble_hash(Registers r) {
    Assembler code;
    code.mov(rax, fnv_basis);
    code.mov(r.prime, fnv_prime);
    code.add(r.size, r.data);  // the end
    code.cmp(r.data, r.size);
    const std::size_t empty = code.je();
    const std::size_t loop = code.here();
    code.movzx(r.byte, r.data);
    code.xor_into(rax, r.byte);
    code.imul(rax, r.prime);
    code.inc(r.data);
    code.cmp(r.data, r.size);
    code.jne(loop);
    code.land(empty);
    code.ret();
    return std::move(code).take();
}

}  // namespace tour::x86
