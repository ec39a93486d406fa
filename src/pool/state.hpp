// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The state of a `PagePool`. Outlives it while any of its memory is in use.

#include "pool/block_list.hpp"
#include "pool/lock.hpp"
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

namespace memory_pages::detail {

/// The shared part of a pool: the idle blocks that are in no thread's cache (the shelf), the bytes
/// that each cache may hold, and the ages at which memory goes back to the system.
///
/// Reference-counted by the `PagePool`, each block, and each thread's cache.
class PoolState {
public:
    using Clock = PoolBlock::Clock;

    /// The key of address space for vectors, which any vector may reuse. Other keys are sizes in
    /// bytes of blocks that are committed throughout.
    static constexpr std::size_t space_key = 1;

    explicit PoolState(const PoolOptions& options) noexcept;
    PoolState(const PoolState&) = delete;
    PoolState& operator=(const PoolState&) = delete;

    /// Called at the end of the `PagePool`: nothing is kept from now on.
    void close() noexcept;
    [[nodiscard]] bool is_closed() const noexcept {
        return (cares_.load(std::memory_order_relaxed) & closed) != 0;
    }

    // -- blocks --------------------------------------------------------------------------------

    /// The sizes for pages of a number of bytes.
    struct Sizes {
        std::size_t pages;  ///< Bytes, in whole pages.
        std::size_t key;    ///< The key and size of the block; 0 if there can be none.
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

    /// An idle block of this key; null if there is none.
    [[nodiscard]] PoolBlock* take(std::size_t key) noexcept {
        ThreadCache* const cache = ThreadCache::of(*this);
        if (cache != nullptr) [[likely]] {
            if (PoolBlock* const block = cache->take(key)) [[likely]] {
                return block;
            }
        }
        return take_shared(key);
    }

    /// A block without pages, for a caller that maps them; null if there is no memory.
    [[nodiscard]] PoolBlock* make_block(std::size_t key) noexcept;

    /// A block of new, zeroed pages of the key's size; or an error.
    [[nodiscard]] CoreResult<PoolBlock*> make_pages(std::size_t key) noexcept;

    /// Makes a block idle when its user ends.
    void put(PoolBlock* block) noexcept;

    /// Makes the first `bytes` bytes of an idle block that was just taken read zero. False: the
    /// system refuses, and the block can only be released.
    [[nodiscard]] bool zero(PoolBlock* block, std::size_t bytes) noexcept;

    /// Counts this many bytes for the block from now on.
    void update_total(PoolBlock* block, std::size_t bytes) noexcept;

    /// Gives a block and its memory back to the system.
    void release(PoolBlock* block) noexcept;

    /// Deletes a block whose memory no longer belongs to the pool.
    void forget(PoolBlock* block) noexcept;

    // -- giving back -----------------------------------------------------------------------------

    void trim() noexcept;
    void clear() noexcept;

    // -- the rest --------------------------------------------------------------------------------

    void attach(ThreadCache* cache) noexcept;
    void detach(ThreadCache* cache) noexcept;

    /// Trims if half of `max_age` has passed since the last time.
    void look_if_it_is_time(Clock::time_point now) noexcept;

    [[nodiscard]] HugePages huge_pages() const noexcept { return options_.huge_pages; }
    [[nodiscard]] PoolStatistics statistics() noexcept;

private:
    /// Holds the lock. Repairs the lists if the last holder was in another process.
    class Lock {
    public:
        explicit Lock(PoolState& state) noexcept : state_(state) {
            if (state_.lock_.lock()) [[unlikely]] {
                state_.repair();
            }
        }
        Lock(const Lock&) = delete;
        Lock& operator=(const Lock&) = delete;
        ~Lock() { state_.lock_.unlock(); }

    private:
        PoolState& state_;
    };

    /// The number of block sizes in a doubling: blocks are at most an eighth larger than their
    /// pages, in whole pages or whole huge pages.
    static constexpr std::size_t steps = 8;

    /// The most blocks that one hold of the lock takes off the shelf.
    static constexpr std::size_t at_once = 64;

    /// What every put must handle, in one word, which is 0 for most pools.
    enum Care : unsigned { closed = 1, wiping = 2, poison = 4 };

    [[nodiscard]] bool make_plain(PoolBlock* block) noexcept;
    [[nodiscard]] bool undo(unsigned changes, PoolBlock* block) const noexcept;
    [[nodiscard]] bool restore_huge_pages(PoolBlock* block) const noexcept;
    [[nodiscard]] BlocksByKey& shelf_for(std::size_t key) noexcept;
    [[nodiscard]] PoolBlock* take_shared(std::size_t key) noexcept;
    void put_shared(PoolBlock* block) noexcept;
    void lay_on_shelf(PoolBlock* block) noexcept;
    void take_off_shelf(PoolBlock* block) noexcept;
    [[nodiscard]] std::size_t granted() const noexcept;
    [[nodiscard]] std::size_t room() const noexcept;
    [[nodiscard]] bool make_room(std::size_t bytes, BlocksByAge& too_many) noexcept;
    [[nodiscard]] bool keep(PoolBlock* block, ThreadCache* cache, BlocksByAge& too_many) noexcept;
    [[nodiscard]] bool take_old(BlocksByAge& from, Clock::time_point latest,
                                BlocksByAge& old) noexcept;
    void steal_idle_since(Clock::time_point latest, BlocksByAge& stolen) noexcept;
    void drop_memory(BlocksByAge& aged, Clock::time_point now) noexcept;
    void lay_down_empty(BlocksByAge& emptied, Clock::time_point now) noexcept;
    void release_all(BlocksByAge& blocks) noexcept;
    void unref() noexcept;
    void repair() noexcept;

    const PoolOptions options_;
    const std::size_t page_;
    const std::size_t huge_;  ///< Blocks of at least this size are whole huge pages.
    std::atomic<unsigned> cares_;
    std::atomic<std::size_t> references_{1};
    std::atomic<std::size_t> total_bytes_{0};
    std::atomic<std::uint64_t> fresh_{0};
    std::atomic<Clock::time_point> last_look_{Clock::now()};

    ForkLock lock_;  ///< For all members below.
    // A block on the shelf is in a list of its key, and in one of these lists by age. A child of
    // `fork` can rely on these only.
    BlocksByAge full_;     ///< By the time when they became idle.
    BlocksByAge empties_;  ///< By the time when their memory was given back.
    std::array<BlocksByKey, steps * 64> shelves_;
    std::size_t on_shelves_ = 0;  ///< Bytes.
    ThreadCache* caches_ = nullptr;
    std::uint64_t reused_elsewhere_ = 0;  ///< Not counted by an existing cache.
};

}  // namespace memory_pages::detail
