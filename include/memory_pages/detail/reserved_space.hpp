// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The untyped owner below `PagedVec`: its own address space with a committed prefix.

#include <memory_pages/advice.hpp>
#include <memory_pages/detail/address_space.hpp>
#include <memory_pages/detail/mapping.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/huge_pages.hpp>

#include <cstddef>
#include <optional>
#include <utility>

namespace memory_pages {

class PagePool;

namespace detail {

struct PoolBlock;

/// The bytes of address space to reserve when `needed` bytes are needed now: many more, but fewer
/// under a limit on address space.
[[nodiscard]] std::size_t roomy_reservation(std::size_t needed) noexcept;

/// Owns address space whose first `committed()` bytes are readable and writable; touching the rest
/// faults. Empty by default and when moved from.
///
/// With preferred huge pages, it starts on small pages: only memory committed behind the first huge
/// page's worth may become huge, so that small vectors stay small.
class ReservedSpace {
public:
    /// The policy for huge pages; without a value, the default of the process applies.
    using PolicyOverride = std::optional<HugePages>;

    /// Reserves address space for `wanted` bytes; if the system refuses, for half as many, and so
    /// on down to `needed` bytes. Sizes round up to whole pages. `alignment` is a power of two or
    /// 0. Commits nothing.
    [[nodiscard]] static Result<ReservedSpace> reserve(std::size_t needed, std::size_t wanted,
                                                       std::size_t alignment,
                                                       PolicyOverride policy = {}) noexcept;

    /// Takes idle address space of a pool, with its committed memory, or else reserves
    /// `roomy_reservation(needed)` bytes (half of that if refused, and so on). It returns to the
    /// pool in the end.
    [[nodiscard]] static Result<ReservedSpace> of_pool(PagePool& pool, std::size_t needed) noexcept;

    ReservedSpace() noexcept = default;
    ReservedSpace(ReservedSpace&& other) noexcept
        : space_(std::move(other.space_)),
          committed_and_override_(std::exchange(other.committed_and_override_, 0)),
          block_(std::exchange(other.block_, nullptr)) {}
    ReservedSpace& operator=(ReservedSpace&& other) noexcept {
        ReservedSpace taken(std::move(other));
        taken.swap(*this);
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
        std::swap(committed_and_override_, other.committed_and_override_);
        std::swap(block_, other.block_);
    }

    [[nodiscard]] std::byte* data() const noexcept { return space_.data(); }
    [[nodiscard]] std::size_t committed() const noexcept {
        return committed_and_override_ & ~override_mask;
    }
    [[nodiscard]] std::size_t reserved() const noexcept { return space_.size(); }

    [[nodiscard]] PolicyOverride policy_override() const noexcept {
        const std::size_t bits = committed_and_override_ & override_mask;
        return bits == 0 ? PolicyOverride() : PolicyOverride(static_cast<HugePages>(bits - 1));
    }
    /// Sets the policy for memory behind the first huge page's worth, now and from now on. Not
    /// `require` (contract check).
    void set_policy(HugePages policy) noexcept;

    /// Commits the first `bytes` bytes, rounded up to whole pages; does nothing if that many are
    /// committed already. New bytes read zero. `bytes` must not exceed `reserved()`. A refusal
    /// changes nothing.
    [[nodiscard]] Result<void> commit(std::size_t bytes) noexcept;

    /// Uncommits all but the first `bytes` bytes, rounded up to whole pages: touching the rest
    /// faults, and memory and commit charge are returned. The address space stays reserved.
    [[nodiscard]] Result<void> decommit_from(std::size_t bytes) noexcept;

    /// Gives the memory of `[offset, offset + bytes)` of the committed part back, rounded inward to
    /// whole pages. It stays accessible; its contents become indeterminate.
    [[nodiscard]] Result<void> drop(std::size_t offset, std::size_t bytes) noexcept;

    /// Gives a hint on a range of the committed part, rounded outward to whole pages.
    [[nodiscard]] Result<void> advise(Advice advice, std::size_t offset,
                                      std::size_t bytes) const noexcept;

    /// Makes huge pages of the first `bytes` bytes, as far as whole ones fit. Contents never
    /// change.
    [[nodiscard]] Result<void> collapse(std::size_t bytes) const noexcept;

    /// Whether this is of a pool. If so, gives the pool's idle memory back to the system, so that
    /// the user of this object can have it.
    [[nodiscard]] bool clear_pool() const noexcept;

    /// Takes over the memory of `fresh`, but keeps its own pool: `fresh` returns the old memory to
    /// it.
    void take_place_of(ReservedSpace& fresh) noexcept {
        swap(fresh);
        std::swap(block_, fresh.block_);
    }

    /// Makes a mapping of the pages with the first `bytes` bytes, at least one, and releases the
    /// rest; this object is empty then. A pool gets nothing back. A refusal changes nothing.
    [[nodiscard]] Result<Mapping> to_mapping(std::size_t bytes,
                                             const PageOptions& options) noexcept;

    /// The reverse. `invalid_argument`: pages that were split from others, or required huge pages,
    /// which cannot be given back one by one; the mapping is unchanged then.
    [[nodiscard]] static Result<ReservedSpace> of_mapping(Mapping& mapping) noexcept;

    /// Moves everything committed into a new reservation (made as by `reserve`, and larger than
    /// what is committed), without copying if the system can move pages. Then at least `needed`
    /// bytes of it are committed. A refusal changes nothing.
    [[nodiscard]] Result<void> move_to_larger(std::size_t needed, std::size_t wanted,
                                              std::size_t alignment) noexcept;

private:
    /// The low bits of a size in whole pages are free: 0 without a policy, else the policy plus
    /// one.
    static constexpr std::size_t override_mask = 0x7;

    explicit ReservedSpace(AddressSpace&& space) noexcept : space_(std::move(space)) {}

    void set_override(PolicyOverride policy) noexcept {
        committed_and_override_ =
            committed() | (policy ? static_cast<std::size_t>(*policy) + 1 : std::size_t{0});
    }
    void set_committed(std::size_t bytes) noexcept {
        committed_and_override_ = bytes | (committed_and_override_ & override_mask);
    }
    void apply_huge_pages(std::size_t from) noexcept;

    /// Static: without `this`, a compiler can keep the members in registers.
    static void give_back(std::byte* data, std::size_t committed, std::size_t reserved,
                          PoolBlock* block) noexcept;
    [[nodiscard]] Result<void> move_once(std::size_t needed, std::size_t wanted,
                                         std::size_t alignment) noexcept;
    /// Copies after a refused move to `fresh`. `is_target_lost`: the target pages no longer belong
    /// to `fresh`.
    [[nodiscard]] Result<void> copy_to(ReservedSpace&& fresh, bool is_target_lost,
                                       std::size_t needed, std::size_t wanted,
                                       std::size_t alignment) noexcept;

    AddressSpace space_;
    std::size_t committed_and_override_ = 0;
    PoolBlock* block_ =
        nullptr;  ///< The block of the pool that it returns to; null without a pool.
};

}  // namespace detail
}  // namespace memory_pages
