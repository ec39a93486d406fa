// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The untyped owner below `GuardedPages`.

#include <memory_pages/access.hpp>
#include <memory_pages/advice.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/options.hpp>
#include <memory_pages/ranges.hpp>
#include <memory_pages/writing_code.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace memory_pages::detail {

class InnerGuards;

/// Owns whole pages in the middle of its own address space. The addresses before and behind them
/// are never committed, so touching them faults. Tracks which of the pages inside are guards. The
/// verbs are those of `Mapping`, and leave guards as they are.
class GuardedMapping {
public:
    /// The extent of the guards, and the name that messages use.
    using Options = GuardOptions;
    static constexpr const char* name = "GuardedPages";

    /// Maps at least `bytes` bytes, rounded up to whole pages, which read zero.
    [[nodiscard]] static Result<GuardedMapping> map(std::size_t bytes, Access access,
                                                    GuardOptions guards) noexcept;

    GuardedMapping() noexcept = default;
    GuardedMapping(GuardedMapping&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0)),
          before_(std::exchange(other.before_, 0)),
          after_(std::exchange(other.after_, 0)),
          inner_(std::exchange(other.inner_, nullptr)) {}
    GuardedMapping& operator=(GuardedMapping&& other) noexcept {
        GuardedMapping taken(std::move(other));
        taken.swap(*this);
        return *this;
    }
    ~GuardedMapping() {
        if (data_ != nullptr) {
            give_back();
        }
    }

    void swap(GuardedMapping& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(before_, other.before_);
        std::swap(after_, other.after_);
        std::swap(inner_, other.inner_);
    }

    [[nodiscard]] std::uint8_t* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Whether the processor enforces what `access` denies.
    [[nodiscard]] static bool is_enforced(Access access) noexcept;

    /// `guard` makes whole pages guards, and `unguard` makes guards pages with the permissions
    /// `access` again. Pages that are in the wanted state already stay as they are. All or nothing;
    /// if the system also refuses to undo a part, `is_guarded` tells which pages are guards.
    [[nodiscard]] Result<void> guard(std::size_t offset, std::size_t bytes, Access access) noexcept;
    [[nodiscard]] Result<void> unguard(std::size_t offset, std::size_t bytes,
                                       Access access) noexcept;

    /// Whether the page of the byte at `offset` is a guard; `offset` is below `size()`.
    [[nodiscard]] bool is_guarded(std::size_t offset) const noexcept;

    [[nodiscard]] Result<void> protect(Access from, Access to) noexcept;
    [[nodiscard]] Result<void> advise(Advice advice, std::size_t offset,
                                      std::size_t bytes) const noexcept;
    [[nodiscard]] Result<void> populate(std::size_t offset, std::size_t bytes,
                                        Access access) const noexcept;
    [[nodiscard]] Result<void> collapse(std::size_t offset, std::size_t bytes) const noexcept;
    [[nodiscard]] Result<void> decommit(std::size_t offset, std::size_t bytes) noexcept;
    [[nodiscard]] Result<void> discard(std::size_t offset, std::size_t bytes) noexcept;
    [[nodiscard]] Result<void> zero(std::size_t offset, std::size_t bytes) noexcept;
    [[nodiscard]] Result<void> advise(Advice advice,
                                      std::span<const ByteRange> ranges) const noexcept;
    [[nodiscard]] Result<void> decommit(std::span<const ByteRange> ranges) noexcept;
    [[nodiscard]] Result<void> discard(std::span<const ByteRange> ranges) noexcept;
    [[nodiscard]] Result<void> publish(std::size_t offset, std::size_t bytes,
                                       Publish code) noexcept;

private:
    GuardedMapping(std::uint8_t* data, std::size_t size, std::size_t before,
                   std::size_t after) noexcept
        : data_(data), size_(size), before_(before), after_(after) {}

    void give_back() noexcept;
    std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t before_ = 0;
    std::size_t after_ = 0;
    InnerGuards* inner_ = nullptr;  ///< Null until the first guard inside.
};

}  // namespace memory_pages::detail
