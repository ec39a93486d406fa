// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Code that the files of all systems share.

#include "os/memory.hpp"

#include <atomic>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

[[nodiscard]] inline std::unexpected<Error> not_supported() noexcept {
    return std::unexpected(Error::operation_not_supported);
}

/// Whether `zero` clears so many bytes, and does not give their memory back
/// (docs/decisions/0014-zero-frees-large-memory.md).
[[nodiscard]] inline bool are_few(std::size_t bytes) noexcept {
    constexpr std::size_t few_pages = 16;
    return bytes <= few_pages * page_size();
}

/// The cached answer of a query to the system. A query without an answer is repeated: its cause may
/// be temporary.
class Remembered {
public:
    /// The first answer of `ask`, a `std::optional<bool>`. Without an answer: false, and not
    /// cached.
    template <class Ask>
    [[nodiscard]] bool or_ask(Ask ask) noexcept {
        Answer answer = answer_.load(std::memory_order_relaxed);
        if (answer == Answer::unknown) [[unlikely]] {
            const std::optional<bool> told = ask();
            if (!told) {
                return false;
            }
            answer = *told ? Answer::yes : Answer::no;
            answer_.store(answer, std::memory_order_relaxed);
        }
        return answer == Answer::yes;
    }

private:
    enum class Answer : signed char { unknown, no, yes };
    std::atomic<Answer> answer_{Answer::unknown};
};

/// A verb for many ranges on a system without such a call: one after the other, up to the first
/// refusal.
template <class Verb>
[[nodiscard]] Result<void> one_by_one(std::span<const Range> ranges, Verb verb) noexcept {
    for (const Range& range : ranges) {
        if (Result<void> done = verb(range.base, range.bytes); !done) {
            return done;
        }
    }
    return {};
}

/// Copies to pages that read zero. Does not write pages whose source is all zeros.
inline void copy_unless_zero(std::byte* to, const std::byte* from, std::size_t bytes) noexcept {
    const std::size_t page = page_size();
    const auto is_zero = [page](const std::byte* at) noexcept {
        return *at == std::byte{0} && std::memcmp(at, at + 1, page - 1) == 0;
    };
    for (std::size_t first = 0; first < bytes;) {
        std::size_t end = first;
        while (end < bytes && !is_zero(from + end)) {
            end += page;
        }
        if (end != first) {
            std::memcpy(to + first, from + first, end - first);
        }
        first = end + page;
    }
}

/// Makes pages resident by touching each, without changing a byte even if other threads do.
/// Volatile, so that compilers keep it; not sanitized, since the user may have poisoned some bytes.
[[gnu::no_sanitize_address]] inline void touch(std::byte* base, std::size_t bytes,
                                               Access access) noexcept {
    // By words: not every processor has atomic operations on bytes.
    using Word [[gnu::may_alias]] = std::uint32_t;
    for (std::size_t i = 0; i < bytes; i += page_size()) {
        auto* const word = static_cast<volatile Word*>(static_cast<void*>(base + i));
        if (allows(access, Access::write)) {
            (void)__atomic_fetch_or(word, 0, __ATOMIC_RELAXED);
        } else {
            (void)__atomic_load_n(word, __ATOMIC_RELAXED);
        }
    }
}

}  // namespace memory_pages::os

#pragma GCC visibility pop
