// SPDX-License-Identifier: MIT
#include "hash_code.hpp"

#include <fmt/format.h>

#include <array>

namespace tour {
namespace {

/// The low eight registers; their values are the processor's numbers for them.
enum Register : std::uint8_t { rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi };

std::string name(Register r) {
    return std::array{"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"}[r];
}

/// As many instructions as the hash takes. Operands are 64 bits wide, targets come first.
class Assembler {
public:
    /// Where the next instruction goes, for jumps.
    [[nodiscard]] std::size_t here() const { return size_; }

    void mov(Register to, std::uint64_t value) {
        std::vector<std::uint8_t> bytes{wide, static_cast<std::uint8_t>(0xb8 | to)};
        for (unsigned shift = 0; shift < 64; shift += 8) {
            bytes.push_back(static_cast<std::uint8_t>(value >> shift));
        }
        emit(bytes, fmt::format("mov   {}, {:#x}", name(to), value));
    }
    void add(Register to, Register from) {
        emit({wide, 0x01, registers(from, to)}, fmt::format("add   {}, {}", name(to), name(from)));
    }
    void xor_into(Register to, Register from) {
        emit({wide, 0x31, registers(from, to)}, fmt::format("xor   {}, {}", name(to), name(from)));
    }
    void cmp(Register a, Register b) {
        emit({wide, 0x39, registers(b, a)}, fmt::format("cmp   {}, {}", name(a), name(b)));
    }
    void imul(Register to, Register from) {
        emit({wide, 0x0f, 0xaf, registers(to, from)},
             fmt::format("imul  {}, {}", name(to), name(from)));
    }
    void inc(Register r) { emit({wide, 0xff, registers(rax, r)}, "inc   " + name(r)); }
    /// One byte from memory, zeros above it.
    void movzx(Register to, Register address) {
        emit({wide, 0x0f, 0xb6, static_cast<std::uint8_t>(to << 3 | address)},
             fmt::format("movzx {}, byte [{}]", name(to), name(address)));
    }
    void jne(std::size_t target) {
        emit({0x75, distance(here() + 2, target)}, fmt::format("jne   {:#04x}", target));
    }
    /// A jump forward, to where `land` is called with the result.
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
    /// REX.W: what follows works on 64 bits.
    static constexpr std::uint8_t wide = 0x48;

    /// The ModRM byte for two registers.
    static std::uint8_t registers(Register reg, Register rm) {
        return static_cast<std::uint8_t>(0xc0 | reg << 3 | rm);
    }
    /// A jump counts from behind itself, in a signed byte.
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

}  // namespace

// System V calling convention: data in rdi, size in rsi, the result in rax.
std::vector<Instruction> assemble_hash() {
    Assembler code;
    code.mov(rax, fnv_basis);
    code.mov(rcx, fnv_prime);
    code.add(rsi, rdi);  // the end
    code.cmp(rdi, rsi);
    const std::size_t empty = code.je();
    const std::size_t loop = code.here();
    code.movzx(rdx, rdi);
    code.xor_into(rax, rdx);
    code.imul(rax, rcx);
    code.inc(rdi);
    code.cmp(rdi, rsi);
    code.jne(loop);
    code.land(empty);
    code.ret();
    return std::move(code).take();
}

}  // namespace tour
