// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The untyped owner below `Pages`.

#include <memory_pages/access.hpp>
#include <memory_pages/advice.hpp>
#include <memory_pages/detail/packed_options.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/options.hpp>
#include <memory_pages/ranges.hpp>
#include <memory_pages/writing_code.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace memory_pages::detail {

/// A mapping that `Mapping::release` gave up.
class RawMapping {
public:
    RawMapping() noexcept = default;

    [[nodiscard]] std::uint8_t* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept {
        return size_and_options_ & ~PackedOptions::mask;
    }

private:
    friend class Mapping;

    RawMapping(std::uint8_t* data, std::size_t size_and_options) noexcept
        : data_(data), size_and_options_(size_and_options) {}

    std::uint8_t* data_ = nullptr;
    std::size_t size_and_options_ = 0;
};

/// Owns a run of whole pages that the system mapped for it; empty when moved from.
///
/// Two words: the low bits of a size in whole pages are free for the packed options.
class Mapping {
public:
    /// The options of the mapping, and the name that messages use.
    using Options = PageOptions;
    static constexpr const char* name = "Pages";

    /// Maps at least `bytes` bytes, rounded up to whole pages, which read zero. `invalid_argument`:
    /// 0 bytes, or invalid options.
    [[nodiscard]] static Result<Mapping> map(std::size_t bytes, Access access,
                                             const PageOptions& options) noexcept {
        if (!PackedOptions::are_valid(options)) [[unlikely]] {
            return std::unexpected(std::make_error_code(std::errc::invalid_argument));
        }
        return map(bytes, access, PackedOptions(options));
    }
    [[nodiscard]] static Result<Mapping> map(std::size_t bytes, Access access,
                                             PackedOptions options) noexcept;

    /// The same at a place, which `resize` does not keep. `invalid_argument` also for uncharged
    /// pages and for `HugePages::require`.
    [[nodiscard]] static Result<Mapping> map(std::size_t bytes, Access access,
                                             const PageOptions& options,
                                             const Placement& placement) noexcept;

    /// Takes ownership of whole pages, with the options that `resize` keeps. `invalid_argument`:
    /// these are not whole pages, or the options are invalid.
    [[nodiscard]] static Result<Mapping> adopt(std::uint8_t* data, std::size_t size,
                                               const PageOptions& options) noexcept;
    /// The same for a mapping that `release` gave up. `invalid_argument`: it was adopted before.
    [[nodiscard]] static Result<Mapping> adopt(RawMapping raw) noexcept;

    Mapping() noexcept = default;
    Mapping(Mapping&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)),
          size_and_options_(std::exchange(other.size_and_options_, 0)) {}
    Mapping& operator=(Mapping&& other) noexcept {
        Mapping taken(std::move(other));
        taken.swap(*this);
        return *this;
    }
    ~Mapping() {
        if (data_ != nullptr) {
            unmap();
        }
    }

    void swap(Mapping& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_and_options_, other.size_and_options_);
    }

    [[nodiscard]] std::uint8_t* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept {
        return size_and_options_ & ~PackedOptions::mask;
    }
    [[nodiscard]] PackedOptions options() const noexcept {
        return PackedOptions(
            static_cast<PackedOptions::Bits>(size_and_options_ & PackedOptions::mask));
    }

    /// The unit of size and alignment of a new mapping, in bytes: a page, or a huge one where those
    /// are preferred or required.
    [[nodiscard]] static std::size_t unit_of(HugePages policy) noexcept;

    /// The ranges that are given back are multiples of this many bytes: a page, or a huge one where
    /// those are required.
    [[nodiscard]] std::size_t unit() const noexcept;

    /// Gives up ownership without unmapping.
    [[nodiscard]] RawMapping release() noexcept {
        return {std::exchange(data_, nullptr), std::exchange(size_and_options_, 0)};
    }

    /// Whether the processor enforces what `access` denies.
    [[nodiscard]] static bool is_enforced(Access access) noexcept;

    /// Changes all pages from `from` to `to`, and publishes code when they become executable. After
    /// a refusal the pages are as `from`; after `permissions_lost` each may be as `from`, as `to`,
    /// or have only the rights common to both.
    [[nodiscard]] Result<void> protect(Access from, Access to) noexcept;

    /// Changes the size, rounded up to whole pages. Contents are kept, new bytes read zero, and the
    /// address may change. A refusal changes nothing.
    [[nodiscard]] Result<void> resize(std::size_t bytes, Access access) noexcept;

    /// Keeps the first `offset` bytes and returns the rest. `invalid_argument`: one side would be
    /// empty, or not whole pages (huge pages where those are required).
    [[nodiscard]] Result<Mapping> split(std::size_t offset) noexcept;

    /// Takes over the pages right behind these. `invalid_argument`: the two are not neighbouring
    /// parts of one mapping.
    [[nodiscard]] Result<void> join(Mapping& behind) noexcept;

    /// Hints. Ranges are in bytes from the start, and are rounded outward to whole pages.
    [[nodiscard]] Result<void> advise(Advice advice, std::size_t offset,
                                      std::size_t bytes) const noexcept;
    [[nodiscard]] Result<void> populate(std::size_t offset, std::size_t bytes,
                                        Access access) const noexcept;
    [[nodiscard]] Result<void> collapse(std::size_t offset, std::size_t bytes) const noexcept;

    /// Changes of contents. Ranges must be whole pages (huge pages where those are required).
    [[nodiscard]] Result<void> decommit(std::size_t offset, std::size_t bytes) noexcept;
    [[nodiscard]] Result<void> discard(std::size_t offset, std::size_t bytes) noexcept;
    [[nodiscard]] Result<void> zero(std::size_t offset, std::size_t bytes) noexcept;

    /// The same for many ranges. If one range is invalid, nothing is done.
    [[nodiscard]] Result<void> advise(Advice advice,
                                      std::span<const ByteRange> ranges) const noexcept;
    [[nodiscard]] Result<void> decommit(std::span<const ByteRange> ranges) noexcept;
    [[nodiscard]] Result<void> discard(std::span<const ByteRange> ranges) noexcept;

    /// Publishes a range of executable pages: every thread runs what was written there.
    [[nodiscard]] Result<void> publish(std::size_t offset, std::size_t bytes,
                                       Publish code) noexcept;

private:
    Mapping(std::uint8_t* data, std::size_t size, PackedOptions options) noexcept
        : data_(data), size_and_options_(size | options.bits()) {}

    void unmap() noexcept;
    [[nodiscard]] static Result<Mapping> map_specially(std::size_t bytes, Access access,
                                                       PackedOptions options) noexcept;
    /// Applies the options that new pages need a call for.
    [[nodiscard]] Result<void> prepare(Access access) const noexcept;
    [[nodiscard]] Result<void> move_to_new(std::size_t size, Access access) noexcept;
    void set(std::size_t size, PackedOptions options) noexcept {
        size_and_options_ = size | options.bits();
    }

    std::uint8_t* data_ = nullptr;
    std::size_t size_and_options_ = 0;
};

}  // namespace memory_pages::detail
