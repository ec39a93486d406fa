// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Idle blocks of a pool, from the newest to the oldest.

#include <memory_pages/detail/pool_block.hpp>

#include <atomic>

namespace memory_pages::detail {

/// Allocates nothing: the links are in the blocks, each of which may be in one list of each kind.
///
/// A child of `fork` may find a list half changed. The links from newer to older blocks are valid
/// at every moment, since each change of them is one store; `repair` restores the others.
// NOLINTNEXTLINE(readability-identifier-naming): it names a member
template <PoolBlock::Links PoolBlock::* links>
class BlockList {
public:
    [[nodiscard]] bool empty() const noexcept { return newest_ == nullptr; }
    [[nodiscard]] PoolBlock* newest() const noexcept { return newest_; }
    [[nodiscard]] PoolBlock* oldest() const noexcept { return oldest_; }

    void push_newest(PoolBlock* block) noexcept { insert_below(nullptr, block); }
    void push_oldest(PoolBlock* block) noexcept { insert_below(oldest_, block); }

    /// Inserts a block right below a newer one; as the newest of all if `newer` is null.
    void insert_below(PoolBlock* newer, PoolBlock* block) noexcept {
        PoolBlock* const older = newer == nullptr ? newest_ : (newer->*links).older;
        block->*links = {.newer = newer, .older = older};
        in_this_order();
        (newer == nullptr ? newest_ : (newer->*links).older) = block;
        in_this_order();
        (older == nullptr ? oldest_ : (older->*links).newer) = block;
    }
    void remove(PoolBlock* block) noexcept {
        const auto [newer, older] = block->*links;
        (newer == nullptr ? newest_ : (newer->*links).older) = older;
        in_this_order();
        (older == nullptr ? oldest_ : (older->*links).newer) = newer;
    }
    PoolBlock* pop_newest() noexcept {
        PoolBlock* const block = newest_;
        remove(block);
        return block;  // NOLINT(clang-analyzer-cplusplus.NewDelete): no list holds the block now
    }
    PoolBlock* pop_oldest() noexcept {
        PoolBlock* const block = oldest_;
        remove(block);
        return block;  // NOLINT(clang-analyzer-cplusplus.NewDelete)
    }

    void repair() noexcept {
        oldest_ = nullptr;
        for (PoolBlock* block = newest_; block != nullptr; block = (block->*links).older) {
            (block->*links).newer = oldest_;
            oldest_ = block;
        }
    }

private:
    /// Keeps the compiler from moving earlier writes behind later ones.
    static void in_this_order() noexcept { std::atomic_signal_fence(std::memory_order_seq_cst); }

    PoolBlock* newest_ = nullptr;
    PoolBlock* oldest_ = nullptr;
};

using BlocksByKey = BlockList<&PoolBlock::by_key>;
using BlocksByAge = BlockList<&PoolBlock::by_age>;

}  // namespace memory_pages::detail
