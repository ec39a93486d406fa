// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Idle blocks of a pool in the order in which they came.

#include <memory_pages/detail/pool_block.hpp>

#include <utility>

namespace memory_pages::detail {

/// Takes no memory: the links are in the blocks.
class BlockList {
public:
    [[nodiscard]] bool empty() const noexcept { return newest_ == nullptr; }
    [[nodiscard]] PoolBlock* newest() const noexcept { return newest_; }
    [[nodiscard]] PoolBlock* oldest() const noexcept { return oldest_; }

    void push_newest(PoolBlock* block) noexcept {
        block->newer = nullptr;
        block->older = newest_;
        (newest_ == nullptr ? oldest_ : newest_->newer) = block;
        newest_ = block;
    }
    void push_oldest(PoolBlock* block) noexcept {
        block->older = nullptr;
        block->newer = oldest_;
        (oldest_ == nullptr ? newest_ : oldest_->older) = block;
        oldest_ = block;
    }
    PoolBlock* pop_newest() noexcept {
        PoolBlock* const block = newest_;
        newest_ = block->older;
        (newest_ == nullptr ? oldest_ : newest_->newer) = nullptr;
        return block;
    }
    PoolBlock* pop_oldest() noexcept {
        PoolBlock* const block = oldest_;
        oldest_ = block->newer;
        (oldest_ == nullptr ? newest_ : oldest_->older) = nullptr;
        return block;
    }

private:
    PoolBlock* newest_ = nullptr;
    PoolBlock* oldest_ = nullptr;
};

}  // namespace memory_pages::detail
