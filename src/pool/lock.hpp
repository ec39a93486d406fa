// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// A lock that stays usable in a child of `fork`.

#include "os/process.hpp"

#include <atomic>
#include <cstdint>

namespace memory_pages::detail {

/// Notes the process of its holder. A child of `fork` has one thread, so a lock held by another
/// thread at the fork would stay locked: the child detects this when it finds the lock taken, and
/// takes it over. A fork acquires no lock, so fork handlers may use the library, and may wait for
/// threads that use it.
class ForkLock {
public:
    ForkLock() noexcept = default;
    ForkLock(const ForkLock&) = delete;
    ForkLock& operator=(const ForkLock&) = delete;

    /// True: the last holder was in another process, and may have left its change half done.
    [[nodiscard]] bool lock() noexcept {
        std::uint32_t word = 0;
        const std::uint32_t mine = os::process_mark() << 1;
        return !word_.compare_exchange_strong(word, mine, std::memory_order_acquire,
                                              std::memory_order_relaxed) &&
               lock_taken(mine);
    }
    void unlock() noexcept {
        if ((word_.exchange(0, std::memory_order_release) & awaited) != 0) [[unlikely]] {
            wake_one();
        }
    }

private:
    static constexpr std::uint32_t awaited = 1;

    [[nodiscard]] bool lock_taken(std::uint32_t mine) noexcept;
    void wake_one() noexcept;

    /// 0, or twice the mark of the holder's process, plus one if a thread waits.
    std::atomic<std::uint32_t> word_{0};
};

}  // namespace memory_pages::detail
