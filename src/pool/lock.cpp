// SPDX-License-Identifier: MIT
#include "pool/lock.hpp"

namespace memory_pages::detail {

bool ForkLock::lock_taken(std::uint32_t mine) noexcept {
    bool is_orphan = false;
    for (std::uint32_t word = word_.load(std::memory_order_relaxed);;) {
        is_orphan = word != 0 && (word & ~awaited) != mine;
        if (word == 0 || is_orphan) {
            // Other threads may have waited before this one: unlock wakes the next.
            if (word_.compare_exchange_weak(word, mine | awaited, std::memory_order_acquire,
                                            std::memory_order_relaxed)) {
                break;
            }
        } else if ((word & awaited) != 0 ||
                   word_.compare_exchange_weak(word, word | awaited, std::memory_order_relaxed)) {
            os::wait_while(word_, word | awaited);
            word = word_.load(std::memory_order_relaxed);
        }
    }
    return is_orphan;
}

void ForkLock::wake_one() noexcept { os::wake_one(word_); }

}  // namespace memory_pages::detail
