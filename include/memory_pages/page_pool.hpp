// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Pages kept for reuse: memory that is resident already is many times as fast as fresh memory.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/pooled_mapping.hpp>
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

/// What is wanted of the bytes of pages that come from a pool.
enum class Contents {
    zero,           ///< They read zero, as fresh pages do.
    indeterminate,  ///< Whatever: what an earlier user left may be there. The fast one.
};

/// How a pool is to be.
struct PoolOptions {
    /// At most so many bytes are kept idle; what is more goes back to the system. Threads that
    /// return memory at the same moment may pass it for that moment.
    std::size_t max_bytes = std::size_t{1} << 30;

    /// Memory that was idle for so long goes back to the system: its pages at the first look after
    /// that, its addresses once as much time has passed again. The pool looks in `trim()`, and not
    /// more often than each half of this time where a thread's own pieces do not serve it, which is
    /// once in 1024 times at least. A program that goes idle, and wants its memory back then, calls
    /// `trim()` from a thread of its own. 0: whatever is idle is too old, and only `trim()` looks.
    std::chrono::milliseconds max_age = std::chrono::seconds(10);

    /// Overwrite with zeros what was used, when it comes back: nothing of it can be read by whoever
    /// is next, nor found in a dump of the process.
    bool wipe = false;

    /// As of `PageOptions`, but for `require` (contract check).
    HugePages huge_pages = default_huge_pages();
};

/// What a pool has done and has. Numbers of different moments, where other threads use it.
struct PoolStatistics {
    std::uint64_t reused = 0;     ///< Times that idle memory was handed out.
    std::uint64_t fresh = 0;      ///< Times that the system was asked.
    std::size_t idle_bytes = 0;   ///< Committed and kept for reuse now.
    std::size_t total_bytes = 0;  ///< Committed, in use or idle; a vector's when it last came back.
};

/// Pages of a pool: as `Pages`, and at their end they go back to it. They may outlive it. What only
/// a mapping of their own can do (`resize`, `release`, `adopt`) they cannot.
template <ReadPermission R, WritePermission W, ExecPermission E>
using PooledPages = BasicPages<detail::PooledMapping, R, W, E>;

/// Keeps the memory of pages and vectors that are done with, and hands it out again.
///
/// All members may be called from any thread at once. Each thread has a few pieces of its own,
/// without a lock; what is more, and what a thread leaves behind at its end, is shared. Works in a
/// child after `fork`, and for pages that end after the pool, or after `main`.
///
/// Pages are handed out with a size in whole pages, from pieces of memory up to an eighth larger,
/// so that sizes that are alike share them; where huge pages are preferred, from whole huge ones.
class PagePool {
public:
    /// `std::bad_alloc`: there is no memory for its books.
    explicit PagePool(const PoolOptions& options = {});
    PagePool(const PagePool&) = delete;
    PagePool& operator=(const PagePool&) = delete;
    /// Gives back what is idle. What is in use goes back to the system when its user is done; what
    /// another thread gives back at this very moment may stay in that thread's cache until it ends,
    /// or first uses another pool.
    ~PagePool();

    /// The pool of the process, made when first asked for, and never destroyed. Nothing uses it
    /// that is not given it.
    [[nodiscard]] static PagePool& process();

    /// At least `bytes` bytes, rounded up to whole pages.
    ///
    /// `invalid_argument`: 0 bytes. `not_enough_memory`, or the `PageError` that stood in the way:
    /// the system has no more, not even with what was idle here.
    template <ReadPermission R, WritePermission W, ExecPermission E>
    [[nodiscard]] PooledPages<R, W, E> take(std::size_t bytes, Contents contents = Contents::zero) {
        std::error_code error;
        detail::PoolBlock* const block =
            take_block(bytes, contents, detail::access_of<R, W, E>, error);
        if (block == nullptr) [[unlikely]] {
            raise(error, "PagePool::take", bytes);
        }
        return PooledPages<R, W, E>(detail::PooledMapping(block));
    }
    template <ReadPermission R, WritePermission W, ExecPermission E>
    [[nodiscard]] Result<PooledPages<R, W, E>> try_take(
        std::size_t bytes, Contents contents = Contents::zero) noexcept {
        std::error_code error;
        detail::PoolBlock* const block =
            take_block(bytes, contents, detail::access_of<R, W, E>, error);
        if (block == nullptr) [[unlikely]] {
            return std::unexpected(error);
        }
        return PooledPages<R, W, E>(detail::PooledMapping(block));
    }

    /// Gives back what has been idle for too long.
    void trim() noexcept;

    /// Gives back all that is idle, of all threads.
    void clear() noexcept;

    [[nodiscard]] PoolStatistics statistics() const noexcept;

private:
    friend class detail::ReservedSpace;

    /// None, and why, if there is no more.
    [[nodiscard]] detail::PoolBlock* take_block(std::size_t bytes, Contents contents,
                                                detail::Access access,
                                                std::error_code& error) noexcept;

    detail::PoolState* state_;
};

}  // namespace memory_pages
