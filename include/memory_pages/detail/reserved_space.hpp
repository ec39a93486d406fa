// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The untyped owner below `PagedVec`: address space of its own, with memory behind a prefix.

#include <memory_pages/advice.hpp>
#include <memory_pages/detail/address_space.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/huge_pages.hpp>

#include <cstddef>
#include <optional>
#include <utility>

namespace memory_pages {

class PagePool;

namespace detail {

struct PoolBlock;

/// Owns address space of which the first `committed()` bytes are readable and writable and the
/// rest faults when touched. Empty by default and when moved from.
///
/// Where huge pages are preferred, it starts on small ones: only what is committed behind the first
/// huge page's worth may become huge, so that little memory costs little.
class ReservedSpace {
public:
    /// What was said of huge pages; if nothing was, the default of the process holds.
    using Told = std::optional<HugePages>;

    /// Reserves address space for `wanted` bytes, or where the system refuses for half as many,
    /// and so on down to `needed` bytes; sizes round up to whole pages. `alignment` is a power of
    /// two or 0. Nothing is committed.
    [[nodiscard]] static Result<ReservedSpace> reserve(std::size_t needed, std::size_t wanted,
                                                       std::size_t alignment,
                                                       Told told = {}) noexcept;

    /// Address space that a pool has idle, with what is committed there, or new one of `wanted`
    /// bytes (or half as many, and so on). In the end it goes back to the pool.
    [[nodiscard]] static Result<ReservedSpace> of_pool(PagePool& pool, std::size_t wanted) noexcept;

    ReservedSpace() noexcept = default;
    ReservedSpace(ReservedSpace&& other) noexcept
        : space_(std::move(other.space_)),
          committed_and_told_(std::exchange(other.committed_and_told_, 0)),
          block_(std::exchange(other.block_, nullptr)) {}
    ReservedSpace& operator=(ReservedSpace&& other) noexcept {
        ReservedSpace(std::move(other)).swap(*this);
        return *this;
    }
    [[gnu::always_inline]] ~ReservedSpace() {
        if (block_ != nullptr) {
            give_back(space_.data(), committed(), space_.size(), block_);
            space_.forget();
        }
    }

    void swap(ReservedSpace& other) noexcept {
        space_.swap(other.space_);
        std::swap(committed_and_told_, other.committed_and_told_);
        std::swap(block_, other.block_);
    }

    [[nodiscard]] std::byte* data() const noexcept { return space_.data(); }
    [[nodiscard]] std::size_t committed() const noexcept {
        return committed_and_told_ & ~told_mask;
    }
    [[nodiscard]] std::size_t reserved() const noexcept { return space_.size(); }

    [[nodiscard]] Told told() const noexcept {
        const std::size_t bits = committed_and_told_ & told_mask;
        return bits == 0 ? Told() : Told(static_cast<HugePages>(bits - 1));
    }
    /// What is committed behind the first huge page's worth, now and from now on, is to be made of
    /// huge pages, or not. Not `require`.
    void tell(HugePages policy) noexcept;

    /// Commits up to `bytes` from the start, rounded up to whole pages; fewer than are committed
    /// already change nothing. What is new reads zero.
    /// `bytes` must not exceed `reserved()`. A refusal changes nothing.
    [[nodiscard]] Result<void> commit(std::size_t bytes) noexcept;

    /// Decommits all but the first `bytes`, rounded up to whole pages: touching the rest faults,
    /// memory and commit charge go back. The address space stays reserved.
    [[nodiscard]] Result<void> decommit_from(std::size_t bytes) noexcept;

    /// Gives the memory behind `[offset, offset + bytes)` of the committed part back, rounded
    /// inward to whole pages; it stays accessible and its contents become indeterminate.
    [[nodiscard]] Result<void> drop(std::size_t offset, std::size_t bytes) noexcept;

    /// A hint on a range of the committed part, rounded outward to whole pages.
    [[nodiscard]] Result<void> advise(Advice advice, std::size_t offset,
                                      std::size_t bytes) const noexcept;

    /// Makes huge pages of the first `bytes`, as far as whole ones fit; contents never change.
    [[nodiscard]] Result<void> collapse(std::size_t bytes) const noexcept;

    /// Takes over other memory, but not where it goes in the end: a pool gets back what is here
    /// then.
    void take_place_of(ReservedSpace& fresh) noexcept {
        swap(fresh);
        std::swap(block_, fresh.block_);
    }

    /// Moves everything committed into a new reservation (as `reserve` makes it, and at least as
    /// large as what is committed), without copying where the system can move pages. Afterwards
    /// this owns the new one, of which at least `needed` bytes are committed. A refusal changes
    /// nothing.
    [[nodiscard]] Result<void> move_to_larger(std::size_t needed, std::size_t wanted,
                                              std::size_t alignment) noexcept;

private:
    /// Of a size in whole pages the low bits are free: 0 if nothing was told, else one more than
    /// the policy.
    static constexpr std::size_t told_mask = 0x7;

    explicit ReservedSpace(AddressSpace&& space) noexcept : space_(std::move(space)) {}

    void set_told(Told told) noexcept {
        committed_and_told_ =
            committed() | (told ? static_cast<std::size_t>(*told) + 1 : std::size_t{0});
    }
    void set_committed(std::size_t bytes) noexcept {
        committed_and_told_ = bytes | (committed_and_told_ & told_mask);
    }
    void apply_huge_pages(std::size_t from) noexcept;

    /// Not a member that knows `this`, so that a compiler may keep these in registers.
    static void give_back(std::byte* data, std::size_t committed, std::size_t reserved,
                          PoolBlock* block) noexcept;
    [[nodiscard]] Result<void> move_once(std::size_t needed, std::size_t wanted,
                                         std::size_t alignment) noexcept;

    AddressSpace space_;
    std::size_t committed_and_told_ = 0;
    PoolBlock* block_ = nullptr;  ///< Of the pool that it goes back to, if to any.
};

}  // namespace detail
}  // namespace memory_pages
