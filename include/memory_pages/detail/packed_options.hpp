// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The options of a mapping in twelve bits.

#include <memory_pages/huge_pages.hpp>
#include <memory_pages/options.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace memory_pages::detail {

/// The options that `resize` keeps, and the ends where a mapping was split from its neighbours. A
/// page has at least 4096 bytes, so the low twelve bits of a size in whole pages are free for them.
class PackedOptions {
public:
    using Bits = std::uint16_t;

    /// The bits in use.
    static constexpr std::size_t mask = 0xfff;

    /// Whether options can be packed: the alignment is a power of two or 0, and required huge pages
    /// are charged.
    [[nodiscard]] static constexpr bool are_valid(const PageOptions& options) noexcept {
        return (options.alignment & (options.alignment - 1)) == 0 &&
               !(options.huge_pages == HugePages::require && options.uncharged);
    }

    constexpr PackedOptions() noexcept = default;
    /// The options must be valid.
    constexpr explicit PackedOptions(const PageOptions& options) noexcept
        : bits_(static_cast<Bits>(
              (options.alignment == 0 ? 0 : std::countr_zero(options.alignment)) |
              (options.populate ? populate_bit : 0) | (options.uncharged ? uncharged_bit : 0) |
              (static_cast<int>(options.huge_pages) << huge_pages_shift))) {}
    constexpr explicit PackedOptions(Bits bits) noexcept : bits_(bits) {}

    [[nodiscard]] constexpr Bits bits() const noexcept { return bits_; }

    [[nodiscard]] constexpr std::size_t alignment() const noexcept {
        return std::size_t{1} << (bits_ & alignment_bits);
    }
    [[nodiscard]] constexpr bool populate() const noexcept { return (bits_ & populate_bit) != 0; }
    [[nodiscard]] constexpr bool uncharged() const noexcept { return (bits_ & uncharged_bit) != 0; }
    [[nodiscard]] constexpr HugePages huge_pages() const noexcept {
        return static_cast<HugePages>((bits_ & huge_pages_bits) >> huge_pages_shift);
    }
    /// Whether mapping needs more than one call.
    [[nodiscard]] constexpr bool are_special() const noexcept {
        return (bits_ & (populate_bit | huge_pages_bits)) != 0;
    }

    /// Two neighbours with a cut behind the first and before the second are parts of one mapping:
    /// no other mapping can be between them, and they may be joined again.
    [[nodiscard]] constexpr bool is_cut_before() const noexcept {
        return (bits_ & cut_before_bit) != 0;
    }
    [[nodiscard]] constexpr bool is_cut_behind() const noexcept {
        return (bits_ & cut_behind_bit) != 0;
    }
    [[nodiscard]] constexpr bool is_part() const noexcept { return (bits_ & cut_bits) != 0; }

    [[nodiscard]] constexpr PackedOptions with_cut_before() const noexcept {
        return PackedOptions(static_cast<Bits>(bits_ | cut_before_bit));
    }
    [[nodiscard]] constexpr PackedOptions with_cut_behind() const noexcept {
        return PackedOptions(static_cast<Bits>(bits_ | cut_behind_bit));
    }
    [[nodiscard]] constexpr PackedOptions without_cuts() const noexcept {
        return PackedOptions(static_cast<Bits>(bits_ & ~cut_bits));
    }
    /// The options of these pages joined with those of `behind`.
    [[nodiscard]] constexpr PackedOptions joined_with(PackedOptions behind) const noexcept {
        return PackedOptions(
            static_cast<Bits>((bits_ & ~cut_behind_bit) | (behind.bits_ & cut_behind_bit)));
    }

private:
    static constexpr Bits alignment_bits = 0x3f;  ///< The binary logarithm of the alignment.
    static constexpr Bits populate_bit = 0x40;
    static constexpr Bits uncharged_bit = 0x80;
    static constexpr Bits huge_pages_bits = 0x300;
    static constexpr int huge_pages_shift = 8;
    static constexpr Bits cut_behind_bit = 0x400;
    static constexpr Bits cut_before_bit = 0x800;
    static constexpr Bits cut_bits = cut_behind_bit | cut_before_bit;

    Bits bits_ = 0;
};

}  // namespace memory_pages::detail
