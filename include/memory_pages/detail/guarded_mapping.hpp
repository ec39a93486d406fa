// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The untyped owner below `GuardedPages`.

#include <memory_pages/access.hpp>
#include <memory_pages/advice.hpp>
#include <memory_pages/detail/mapping.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/options.hpp>
#include <memory_pages/ranges.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace memory_pages::detail {

class InnerGuards;

/// Whole pages in the middle of address space of its own: what is before and behind them is never
/// committed, and so faults. Remembers which of the pages are guards; the verbs are those of
/// `Mapping`, and leave these alone.
class GuardedMapping : private Mapping {
public:
    using Mapping::data;
    using Mapping::is_enforced;
    using Mapping::size;

    /// At least `bytes` bytes, rounded up to whole pages, reading zero.
    [[nodiscard]] static Result<GuardedMapping> map(std::size_t bytes, Access access,
                                                    GuardOptions guards) noexcept;

    GuardedMapping(GuardedMapping&& other) noexcept
        : Mapping(static_cast<Mapping&&>(other)),
          before_(std::exchange(other.before_, 0)),
          after_(std::exchange(other.after_, 0)),
          inner_(std::exchange(other.inner_, nullptr)) {}
    GuardedMapping& operator=(GuardedMapping&& other) noexcept {
        GuardedMapping(std::move(other)).swap(*this);
        return *this;
    }
    ~GuardedMapping() {
        if (data() != nullptr) {
            give_back();
        }
    }

    void swap(GuardedMapping& other) noexcept {
        Mapping::swap(other);
        std::swap(before_, other.before_);
        std::swap(after_, other.after_);
        std::swap(inner_, other.inner_);
    }

    /// Makes guards of whole pages, used as `access` says, and pages of these again. All or
    /// nothing; what is as it shall be stays so.
    [[nodiscard]] Result<void> guard(std::size_t offset, std::size_t bytes, Access access) noexcept;
    [[nodiscard]] Result<void> unguard(std::size_t offset, std::size_t bytes,
                                       Access access) noexcept;

    /// Of the page of a byte that lies within.
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
    [[nodiscard]] Result<void> publish(std::size_t offset, std::size_t bytes) noexcept;

private:
    GuardedMapping(std::uint8_t* data, std::size_t size, std::size_t before,
                   std::size_t after) noexcept
        : Mapping(data, size, 0), before_(before), after_(after) {}

    void give_back() noexcept;
    [[nodiscard]] bool are_all_marks() const noexcept;
    template <class Verb>
    Result<void> on_the_rest(ByteRange range, Verb verb) const noexcept;
    template <class Verb>
    Result<void> on_whole_pages(ByteRange range, Verb verb) const noexcept;
    template <class Verb>
    Result<void> on_all(std::span<const ByteRange> ranges, bool must_be_whole,
                        Verb verb) const noexcept;

    std::size_t before_;
    std::size_t after_;
    InnerGuards* inner_ = nullptr;  ///< Made for the first guard inside.
};

}  // namespace memory_pages::detail
