// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The untyped owner below `Pages`: checks and rounds in one place, then asks the system.

#include <memory_pages/access.hpp>
#include <memory_pages/advice.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/options.hpp>
#include <memory_pages/ranges.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace memory_pages::detail {

/// Owns a run of whole pages that the system mapped for it; empty when moved from.
///
/// Two words: a size in whole pages leaves its low bits free, and the options that `resize` must
/// keep live there (see `Kind`).
class Mapping {
public:
    /// The options, packed: bits 0-5 the binary logarithm of the alignment, then one bit each, then
    /// two for the policy on huge pages, then one of parts of a mapping that was split.
    /// Every page has at least 4096 bytes, so twelve bits of a size are free.
    using Kind = std::uint16_t;

    static constexpr Kind alignment_bits = 0x3f;
    static constexpr Kind populate_bit = 0x40;
    static constexpr Kind uncharged_bit = 0x80;
    static constexpr Kind huge_pages_bits = 0x300;
    static constexpr int huge_pages_shift = 8;
    static constexpr Kind option_bits =
        alignment_bits | populate_bit | uncharged_bit | huge_pages_bits;
    static constexpr Kind part_bit = 0x400;
    /// What options that make no sense are packed to; `map` refuses it.
    static constexpr Kind invalid_kind = 0x800;

    [[nodiscard]] static constexpr Kind kind_of(PageOptions options) noexcept {
        if ((options.alignment != 0 && !std::has_single_bit(options.alignment)) ||
            (options.huge_pages == HugePages::require && options.uncharged)) {
            return invalid_kind;
        }
        return static_cast<Kind>(
            (options.alignment == 0 ? 0 : std::countr_zero(options.alignment)) |
            (options.populate ? populate_bit : 0) | (options.uncharged ? uncharged_bit : 0) |
            (static_cast<int>(options.huge_pages) << huge_pages_shift));
    }

    /// Maps at least `bytes` bytes, rounded up to whole pages, reading zero.
    [[nodiscard]] static Result<Mapping> map(std::size_t bytes, Access access, Kind kind) noexcept;

    Mapping() noexcept = default;
    Mapping(Mapping&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)),
          size_and_kind_(std::exchange(other.size_and_kind_, 0)) {}
    Mapping& operator=(Mapping&& other) noexcept {
        Mapping(std::move(other)).swap(*this);
        return *this;
    }
    ~Mapping() {
        if (data_ != nullptr) {
            unmap();
        }
    }

    void swap(Mapping& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_and_kind_, other.size_and_kind_);
    }

    [[nodiscard]] std::uint8_t* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_and_kind_ & ~kind_mask; }
    [[nodiscard]] Kind kind() const noexcept {
        return static_cast<Kind>(size_and_kind_ & kind_mask);
    }

    /// Gives up ownership without unmapping.
    void forget() noexcept {
        data_ = nullptr;
        size_and_kind_ = 0;
    }
    /// Takes ownership of whole pages; `invalid_argument` if they are not whole pages.
    [[nodiscard]] static Result<Mapping> adopt(std::uint8_t* data, std::size_t size,
                                               Kind kind) noexcept;

    /// Whether the processor itself, here, refuses what `access` does not allow.
    [[nodiscard]] static bool is_enforced(Access access) noexcept;

    /// Changes all pages from `from` to `to`, publishing code on a way to executable. All or
    /// nothing: a refusal leaves them as `from`.
    [[nodiscard]] Result<void> protect(Access from, Access to) noexcept;

    /// Changes the size, rounded up to whole pages. Contents are kept, new bytes read zero, the
    /// address may change. A refusal changes nothing.
    [[nodiscard]] Result<void> resize(std::size_t bytes, Access access) noexcept;

    /// Keeps the first `offset` bytes and hands out what is behind them. `invalid_argument`: that
    /// leaves nothing on one side, or no whole pages (huge ones where those are required).
    [[nodiscard]] Result<Mapping> split(std::size_t offset) noexcept;

    /// Takes over the pages right behind these, if both are parts of one mapping; else
    /// `invalid_argument`.
    [[nodiscard]] Result<void> join(Mapping& behind) noexcept;

    /// Ranges are in bytes from the start. These round outward to whole pages.
    [[nodiscard]] Result<void> advise(Advice advice, std::size_t offset,
                                      std::size_t bytes) const noexcept;
    [[nodiscard]] Result<void> populate(std::size_t offset, std::size_t bytes,
                                        Access access) const noexcept;
    [[nodiscard]] Result<void> collapse(std::size_t offset, std::size_t bytes) const noexcept;

    /// These take whole pages exactly (huge ones where those are required), since they change what
    /// is there.
    [[nodiscard]] Result<void> decommit(std::size_t offset, std::size_t bytes) noexcept;
    [[nodiscard]] Result<void> discard(std::size_t offset, std::size_t bytes) noexcept;
    [[nodiscard]] Result<void> zero(std::size_t offset, std::size_t bytes) noexcept;

    /// The same for many ranges. Either all are good arguments, or nothing is done.
    [[nodiscard]] Result<void> advise(Advice advice,
                                      std::span<const ByteRange> ranges) const noexcept;
    [[nodiscard]] Result<void> decommit(std::span<const ByteRange> ranges) noexcept;
    [[nodiscard]] Result<void> discard(std::span<const ByteRange> ranges) noexcept;

    /// Makes every thread run what was written to this range of executable pages.
    [[nodiscard]] Result<void> publish(std::size_t offset, std::size_t bytes) noexcept;

protected:
    Mapping(std::uint8_t* data, std::size_t size, Kind kind) noexcept
        : data_(data), size_and_kind_(size | kind) {}

    /// `protect` of whole pages of it, where none of them is lent.
    [[nodiscard]] Result<void> protect_part(std::size_t offset, std::size_t bytes, Access from,
                                            Access to) noexcept;

    /// Whole pages.
    void set_size(std::size_t bytes) noexcept { size_and_kind_ = bytes | kind(); }

private:
    static constexpr std::size_t kind_mask = 0xfff;

    void unmap() noexcept;
    [[nodiscard]] static Result<Mapping> map_specially(std::size_t bytes, Access access,
                                                       Kind kind) noexcept;
    [[nodiscard]] Result<void> move_to_new(std::size_t size, Access access) noexcept;
    void set_kind(Kind kind) noexcept { size_and_kind_ = size() | kind; }

    std::uint8_t* data_ = nullptr;
    std::size_t size_and_kind_ = 0;
};

}  // namespace memory_pages::detail
