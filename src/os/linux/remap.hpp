// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Helpers for mremap(2): merging mappings, and detecting what a refusal has unmapped.

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// Merges mappings that advice on parts has split, so that mremap(2) takes them.
inline void forget_advice(std::byte* base, std::size_t bytes) noexcept {
    (void)::madvise(base, bytes, MADV_NORMAL);
}

/// A word in a writable page of ours, which reads zero. A refused mremap(2) may have unmapped the
/// target: if the word is still there, so is the whole target. Only the kernel reads it: the page
/// may belong to another thread by then, or be unmapped.
class Mark {
public:
    explicit Mark(std::byte* page) noexcept
        : word_(static_cast<std::uint32_t*>(static_cast<void*>(page))) {
        *word_ = value();
    }

    /// Whether the mark is still there. If so, the page reads zero again.
    [[nodiscard]] bool take_back() noexcept {
        std::uint32_t nobody = 0;
        // futex(2): the kernel compares the word. Wakes and requeues no waiter.
        if (::syscall(SYS_futex, word_, FUTEX_CMP_REQUEUE_PRIVATE, 0, nullptr, &nobody, value()) !=
            0) {
            return false;
        }
        *word_ = 0;
        return true;
    }

private:
    [[nodiscard]] std::uint32_t value() const noexcept {
        constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;
        return static_cast<std::uint32_t>((reinterpret_cast<std::uintptr_t>(this) * odd) >> 32) | 1;
    }

    std::uint32_t* word_;
};

}  // namespace memory_pages::os

#pragma GCC visibility pop
