// SPDX-License-Identifier: MIT
#include "hash_code.hpp"

#include <fmt/format.h>

namespace tour {
namespace {

enum Register : std::uint32_t { x0, x1, x2, x3, x4, xzr = 31 };

/// The instructions that the hash needs, four bytes each. Operands have 64 bits, targets come
/// first.
class Assembler {
public:
    /// The offset of the next instruction, for branches.
    [[nodiscard]] std::size_t here() const { return instructions_.size() * 4; }

    /// Moves sixteen bits at a time; the first move clears the others.
    void mov(Register to, std::uint64_t value) {
        for (std::uint32_t part = 0; part < 4; ++part) {
            const auto bits = static_cast<std::uint32_t>(value >> part * 16 & 0xffff);
            emit((part == 0 ? 0xd2800000 : 0xf2800000) | part << 21 | bits << 5 | to,
                 fmt::format("{}  x{}, {:#x}, lsl {}", part == 0 ? "movz" : "movk",
                             std::uint32_t{to}, bits, part * 16));
        }
    }
    void mov(Register to, Register from) {
        emit(0xaa000000 | from << 16 | xzr << 5 | to, two("mov ", to, from));
    }
    void add(Register to, Register a, Register b) {
        emit(0x8b000000 | b << 16 | a << 5 | to, three("add ", to, a, b));
    }
    void eor(Register to, Register a, Register b) {
        emit(0xca000000 | b << 16 | a << 5 | to, three("eor ", to, a, b));
    }
    void mul(Register to, Register a, Register b) {
        emit(0x9b000000 | b << 16 | xzr << 10 | a << 5 | to, three("mul ", to, a, b));
    }
    void cmp(Register a, Register b) {
        emit(0xeb000000 | b << 16 | a << 5 | xzr, two("cmp ", a, b));
    }
    /// Loads a byte, zero-extended, and increments the address.
    void ldrb_and_step(Register to, Register address) {
        emit(0x38401400 | address << 5 | to,
             fmt::format("ldrb  w{}, [x{}], 1", std::uint32_t{to}, std::uint32_t{address}));
    }
    void b_ne(std::size_t target) { emit(branch(ne, here(), target), branch_text("b.ne", target)); }
    /// A forward branch; `land` with the result sets its target.
    [[nodiscard]] std::size_t b_eq() {
        emit(0, "");
        return here() - 4;
    }
    void land(std::size_t from) {
        instructions_[from / 4] = make(branch(eq, from, here()), branch_text("b.eq", here()));
    }
    void ret() { emit(0xd65f03c0, "ret"); }

    std::vector<Instruction> take() && { return std::move(instructions_); }

private:
    static std::string two(const char* what, Register a, Register b) {
        return fmt::format("{}  x{}, x{}", what, std::uint32_t{a}, std::uint32_t{b});
    }
    static std::string three(const char* what, Register to, Register a, Register b) {
        return fmt::format("{}, x{}", two(what, to, a), std::uint32_t{b});
    }
    enum Condition : std::uint32_t { eq, ne };

    /// A branch offset: from the branch, in signed words of 19 bits.
    static std::uint32_t branch(Condition condition, std::size_t from, std::size_t target) {
        const auto words = static_cast<std::uint32_t>((target - from) >> 2) & 0x7ffff;
        return 0x54000000 | words << 5 | condition;
    }
    static std::string branch_text(const char* what, std::size_t target) {
        return fmt::format("{}  {:#04x}", what, target);
    }
    static Instruction make(std::uint32_t word, std::string text) {
        Instruction instruction{{}, std::move(text)};
        for (unsigned shift = 0; shift < 32; shift += 8) {
            instruction.bytes.push_back(static_cast<std::uint8_t>(word >> shift));
        }
        return instruction;
    }
    void emit(std::uint32_t word, std::string text) {
        instructions_.push_back(make(word, std::move(text)));
    }

    std::vector<Instruction> instructions_;
};

}  // namespace

// Data in x0, size in x1, the result in x0.
std::vector<Instruction> assemble_hash() {
    Assembler code;
    code.mov(x2, fnv_basis);
    code.mov(x3, fnv_prime);
    code.add(x1, x0, x1);  // the end
    code.cmp(x0, x1);
    const std::size_t empty = code.b_eq();
    const std::size_t loop = code.here();
    code.ldrb_and_step(x4, x0);
    code.eor(x2, x2, x4);
    code.mul(x2, x2, x3);
    code.cmp(x0, x1);
    code.b_ne(loop);
    code.land(empty);
    code.mov(x0, x2);
    code.ret();
    return std::move(code).take();
}

}  // namespace tour
