// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Pages kept for reuse: resident memory is many times as fast as fresh memory.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/pooled_mapping.hpp>
#include <memory_pages/detail/refusal.hpp>
#include <memory_pages/detail/rooms.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/huge_pages.hpp>
#include <memory_pages/pages.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace memory_pages {

namespace detail {
class ReservedSpace;
}

/// The contents of pages that come from a pool.
enum class Contents {
    zero,           ///< They read zero, as fresh pages do.
    indeterminate,  ///< Any bytes, also those of an earlier user. The fast choice.
};

/// Options of a pool.
struct PoolOptions {
    /// The most bytes kept idle; more goes back to the system. Threads that return memory at the
    /// same moment may exceed it for that moment.
    std::size_t max_bytes = std::size_t{1} << 30;

    /// How long memory may be idle. Then its pages go back to the system at the next check, and its
    /// addresses at the first check after the same time again. `trim()` checks, and so do puts and
    /// takes, at most once in half of this time. A program that becomes idle calls `trim()` from a
    /// thread of its own to get its memory back. 0: all idle memory is too old, and only `trim()`
    /// checks.
    ///
    /// Memory may go back earlier, never later: a thread that returns a piece every 16 us or more
    /// often reads the clock once in 128 times, so its first pieces after a pause may count the
    /// pause.
    std::chrono::milliseconds max_age = std::chrono::seconds(10);

    /// Overwrites used memory with zeros when it returns, so that neither the next user nor a core
    /// dump can read it.
    bool wipe = false;

    /// As in `PageOptions`, except `require` (contract check).
    HugePages huge_pages = default_huge_pages();
};

/// What a pool has done, and what it holds. If other threads use it, the numbers are not one
/// snapshot.
struct PoolStatistics {
    std::uint64_t reused = 0;     ///< How often idle memory was handed out.
    std::uint64_t fresh = 0;      ///< How often the system gave new memory.
    std::size_t idle_bytes = 0;   ///< Committed, and kept for reuse now.
    std::size_t total_bytes = 0;  ///< Committed, in use or idle; a vector's as it last returned.
};

/// Pages of a pool: as `Pages`, but their end returns them to the pool. They may outlive it. They
/// have no `resize`, `release` and `adopt`.
template <ReadPermission R, WritePermission W, ExecPermission E>
using PooledPages = BasicPages<detail::PooledMapping, R, W, E>;

/// Keeps the memory of pages and vectors that ended, and hands it out again.
///
/// All members may be called from many threads at once. Each thread has a small cache without a
/// lock; the rest, and the cache of a thread that ends, is shared. Works in a child after `fork`,
/// and for pages that end after the pool, or after `main`.
///
/// When memory returns, the pool undoes the hints that its user gave: advice on order by
/// `Advice::normal`, and a vector's policy for huge pages by the pool's own. If the system refuses,
/// or the pool's policy is `HugePages::system`, which cannot be set again, the memory goes back to
/// the system. The first huge page's worth of a vector, which starts on small pages, may be huge
/// for the next vector.
///
/// Pages have a size in whole pages, and come from blocks up to an eighth larger, so that similar
/// sizes share blocks; where huge pages are preferred, blocks are whole huge pages.
class PagePool {
public:
    /// `std::bad_alloc`: no memory for the pool's own state.
    explicit PagePool(const PoolOptions& options = {});
    PagePool(const PagePool&) = delete;
    PagePool& operator=(const PagePool&) = delete;
    /// Gives idle memory back to the system. Memory in use goes back when its user ends; memory
    /// that another thread returns at this moment may stay in that thread's cache until the thread
    /// ends, or uses a pool for the first time.
    ~PagePool();

    /// The pool of the process, made by the first call and never destroyed. Only code that passes
    /// it uses it.
    [[nodiscard]] static PagePool& process();

    /// At least `bytes` bytes, rounded up to whole pages.
    ///
    /// `invalid_argument`: 0 bytes. `not_enough_memory`, or the `PageError` of the limit that was
    /// reached: the system has no more memory, even after the pool gave back its idle memory.
    template <ReadPermission R, WritePermission W, ExecPermission E>
    [[nodiscard]] PooledPages<R, W, E> take(std::size_t bytes, Contents contents = Contents::zero) {
        const detail::CoreResult<detail::PoolBlock*> block =
            take_block(bytes, contents, detail::access_of<R, W, E>);
        if (!block) [[unlikely]] {
            detail::raise_bytes(block.error(), "PagePool::take", bytes);
        }
        return detail::OwnerOf::make<PooledPages<R, W, E>>(detail::PooledMapping(*block));
    }
    template <ReadPermission R, WritePermission W, ExecPermission E>
    [[nodiscard]] Result<PooledPages<R, W, E>> try_take(
        std::size_t bytes, Contents contents = Contents::zero) noexcept {
        const detail::CoreResult<detail::PoolBlock*> block =
            take_block(bytes, contents, detail::access_of<R, W, E>);
        if (!block) [[unlikely]] {
            return std::unexpected(block.error());
        }
        return detail::OwnerOf::make<PooledPages<R, W, E>>(detail::PooledMapping(*block));
    }

    /// Gives back memory that has been idle for longer than `max_age`.
    void trim() noexcept;

    /// Gives back all idle memory, of all threads.
    void clear() noexcept;

    /// The current numbers.
    [[nodiscard]] PoolStatistics statistics() const noexcept;

private:
    friend class detail::ReservedSpace;

    [[nodiscard]] detail::CoreResult<detail::PoolBlock*> take_block(std::size_t bytes,
                                                                    Contents contents,
                                                                    Access access) noexcept;

    detail::PoolState* state_;
};

}  // namespace memory_pages
