// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What stands behind a `PagePool`, and outlives it while anything of it is in use.

#include "pool/block_list.hpp"
#include "pool/thread_cache.hpp"

#include <memory_pages/detail/pool_block.hpp>
#include <memory_pages/page_pool.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <system_error>

namespace memory_pages::detail {

/// The shared part of a pool: which blocks are idle and in no thread's cache (its shelf), who may
/// keep how much, and when what goes back to the system.
///
/// Alive as long as anyone refers to it: the `PagePool`, each block, each thread's cache.
class PoolState {
public:
    using Clock = PoolBlock::Clock;

    /// The key of address space for vectors, which any vector may use again. Other keys are sizes,
    /// in bytes, of blocks that are committed throughout.
    static constexpr std::size_t space_key = 1;

    explicit PoolState(const PoolOptions& options) noexcept;
    PoolState(const PoolState&) = delete;
    PoolState& operator=(const PoolState&) = delete;

    /// The `PagePool` is gone: from now on nothing is kept.
    void close() noexcept;
    [[nodiscard]] bool is_closed() const noexcept {
        return is_closed_.load(std::memory_order_relaxed);
    }

    // -- blocks --------------------------------------------------------------------------------

    /// What pages of so many bytes take.
    struct Sizes {
        std::size_t pages;  ///< In whole pages.
        std::size_t key;    ///< Of their block, and its size; 0 if there can be none.
    };
    [[nodiscard]] Sizes sizes_for(std::size_t bytes) const noexcept {
        constexpr std::size_t most = std::numeric_limits<std::size_t>::max() / 4;
        const auto rounded = [](std::size_t n, std::size_t unit) {
            return (n + unit - 1) & ~(unit - 1);
        };
        if (bytes - 1 >= most) [[unlikely]] {
            return {0, 0};
        }
        const std::size_t pages = rounded(bytes, page_);
        const std::size_t units = pages >= huge_ ? rounded(pages, huge_) : pages;
        return {pages, rounded(units, std::max(std::bit_ceil(units) / (2 * steps), page_))};
    }

    /// An idle block of this key, or none.
    [[nodiscard]] PoolBlock* take(std::size_t key) noexcept {
        ThreadCache* const cache = ThreadCache::of(*this);
        if (cache != nullptr) [[likely]] {
            if (PoolBlock* const block = cache->take(key)) [[likely]] {
                return block;
            }
        }
        return take_shared(key);
    }

    /// A block without memory, for whoever gets some from the system; none if there is no memory.
    [[nodiscard]] PoolBlock* make_block(std::size_t key) noexcept;

    /// A block of fresh, zeroed pages of the key's size; or none, and why.
    [[nodiscard]] PoolBlock* make_pages(std::size_t key, std::error_code& error) noexcept;

    /// Makes an idle block of one whose user is done with it.
    void put(PoolBlock* block) noexcept;

    /// The first `bytes` bytes of an idle block, just taken, read zero from now on. False: the
    /// system refuses, and the block can only be released.
    [[nodiscard]] bool zero(PoolBlock* block, std::size_t bytes) noexcept;

    /// Counts so many bytes for this block from now on.
    void update_total(PoolBlock* block, std::size_t bytes) noexcept;

    /// Gives a block and its memory back to the system.
    void release(PoolBlock* block) noexcept;

    /// Forgets a block whose memory is not the pool's any more.
    void forget(PoolBlock* block) noexcept;

    // -- giving back -----------------------------------------------------------------------------

    void trim() noexcept;
    void clear() noexcept;

    // -- the rest --------------------------------------------------------------------------------

    void attach(ThreadCache* cache) noexcept;
    void detach(ThreadCache* cache) noexcept;

    [[nodiscard]] HugePages huge_pages() const noexcept { return options_.huge_pages; }
    [[nodiscard]] PoolStatistics statistics() noexcept;

private:
    friend struct EveryPool;

    using Lock = std::unique_lock<std::mutex>;

    /// So many sizes to a doubling: blocks are at most an eighth larger than what they are for, in
    /// whole pages or whole huge ones.
    static constexpr std::size_t steps = 8;

    [[nodiscard]] BlockList& shelf_for(std::size_t key) noexcept;
    [[nodiscard]] PoolBlock* take_shared(std::size_t key) noexcept;
    void put_shared(PoolBlock* block) noexcept;
    void lay_on_shelf(PoolBlock* block) noexcept;
    void take_off_shelf(PoolBlock* block) noexcept;
    [[nodiscard]] std::size_t granted() const noexcept;
    [[nodiscard]] std::size_t room() const noexcept;
    void make_room(std::size_t bytes, BlockList& too_many) noexcept;
    void collect_all(BlockList& blocks) noexcept;
    void look_around(Clock::time_point now, BlockList& aged, BlockList& old) noexcept;
    void look_if_it_is_time() noexcept;
    void empty_out(BlockList& aged) noexcept;
    void release_all(BlockList& blocks) noexcept;
    void unref() noexcept;

    const PoolOptions options_;
    const std::size_t page_;
    const std::size_t huge_;  ///< From this size on blocks are whole huge pages.
    std::atomic<bool> is_closed_{false};
    std::atomic<std::size_t> references_{1};
    std::atomic<std::size_t> total_bytes_{0};
    std::atomic<std::uint64_t> fresh_{0};

    std::mutex mutex_;  ///< Of all below.
    std::array<BlockList, steps * 64> shelves_;
    std::size_t on_shelves_ = 0;  ///< Bytes.
    ThreadCache* caches_ = nullptr;
    std::uint64_t reused_elsewhere_ = 0;  ///< Not counted by a thread that there still is.
    Clock::time_point last_look_ = Clock::now();

    PoolState* next_ = nullptr;  ///< Of all pools, for `fork`.
    PoolState* previous_ = nullptr;
};

}  // namespace memory_pages::detail
