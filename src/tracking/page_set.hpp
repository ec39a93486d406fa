// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// A set of pages.

#include <memory_pages/detail/core_error.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace memory_pages::detail {

/// A lock-free set of the numbers below a bound: one bit for each, in 8 chunks that are allocated
/// when their first number is inserted, and take no memory before their bits are touched. Many
/// threads may use it at once. What a thread did before it erased numbers is visible to the thread
/// that inserts them next.
class PageSet {
public:
    explicit PageSet(std::size_t bound) noexcept;
    PageSet(const PageSet&) = delete;
    PageSet& operator=(const PageSet&) = delete;
    ~PageSet();

    /// Inserts all of `[first, first + count)` (`Error{}`), or none: `invalid_argument` if some are
    /// in the set, `not_enough_memory` if there is no memory for a chunk. (Until a failed call
    /// returns, other threads may see numbers that it inserted.)
    [[nodiscard]] Error insert(std::size_t first, std::size_t count) noexcept {
        if (!are_in_one_word(first, count) || words_of(first) == nullptr) [[unlikely]] {
            return insert_many(first, count);
        }
        return put_in(first, bits_of(first, count)) ? Error{} : Error::invalid_argument;
    }

    /// Erases `[first, first + count)`; all of them must be in the set.
    void erase(std::size_t first, std::size_t count) noexcept {
        if (!are_in_one_word(first, count)) [[unlikely]] {
            return erase_many(first, count);
        }
        word_at(first).fetch_and(~bits_of(first, count), std::memory_order_release);
    }

    /// Allocates the memory for all of `[first, first + count)`. False: there is none.
    [[nodiscard]] bool make_room(std::size_t first, std::size_t count) noexcept;

    /// Inserts all of `[first, first + count)`, for which room was made, or erases all of them,
    /// whether or not they are in the set.
    void add(std::size_t first, std::size_t count) noexcept;
    void remove(std::size_t first, std::size_t count) noexcept;

    /// The first number of `[first, end)` that is in the set, or that is not; `end` if there is
    /// none.
    [[nodiscard]] std::size_t find(bool is_in, std::size_t first, std::size_t end) const noexcept;

    /// Whether nothing was ever inserted.
    [[nodiscard]] bool is_untouched() const noexcept {
        return std::ranges::all_of(chunks_, [](const std::atomic<Word*>& chunk) {
            return chunk.load(std::memory_order_acquire) == nullptr;
        });
    }

    /// Whether one of `[first, first + count)` is in the set.
    [[nodiscard]] bool has_any(std::size_t first, std::size_t count) const noexcept;

private:
    using Word = std::uint64_t;

    static constexpr std::size_t most_chunks = 8;
    static constexpr int word_shift = 6;
    static constexpr std::size_t word_bits = std::size_t{1} << word_shift;

    /// The words of a chunk; null if it was not allocated.
    [[nodiscard]] Word* words_of(std::size_t number) const noexcept {
        return chunks_[number >> chunk_shift_].load(std::memory_order_acquire);
    }
    [[nodiscard]] std::atomic_ref<Word> word_at(std::size_t number) const noexcept {
        return std::atomic_ref(words_of(number)[(number & (chunk_bits() - 1)) >> word_shift]);
    }
    [[nodiscard]] std::size_t chunk_bits() const noexcept { return std::size_t{1} << chunk_shift_; }
    [[nodiscard]] static bool are_in_one_word(std::size_t first, std::size_t count) noexcept {
        return first % word_bits + count <= word_bits;
    }
    /// The bits of these numbers in their word.
    [[nodiscard]] static Word bits_of(std::size_t first, std::size_t count) noexcept {
        return (~Word{0} >> (word_bits - count)) << (first % word_bits);
    }
    /// Sets bits of one word. False, and unchanged, if one of them was set.
    [[nodiscard]] bool put_in(std::size_t number, Word bits) noexcept {
        const std::atomic_ref<Word> word = word_at(number);
        const Word before = word.fetch_or(bits, std::memory_order_acq_rel);
        if ((before & bits) != 0) [[unlikely]] {
            word.fetch_and(~(bits & ~before), std::memory_order_release);
            return false;
        }
        return true;
    }
    [[nodiscard]] Error insert_many(std::size_t first, std::size_t count) noexcept;
    void erase_many(std::size_t first, std::size_t count) noexcept;
    [[nodiscard]] bool make_chunk(std::size_t index) noexcept;

    /// Calls `act` for each word with bits of `[first, first + count)`, with the first of its
    /// numbers and the bits, until it returns false. Returns the number where it stopped, or the
    /// end.
    template <class Act>
    static std::size_t for_words(std::size_t first, std::size_t count, Act act) noexcept {
        const std::size_t end = first + count;
        std::size_t at = first;
        while (at < end) {
            const std::size_t here = std::min(word_bits - at % word_bits, end - at);
            if (!act(at, bits_of(at, here))) {
                break;
            }
            at += here;
        }
        return at;
    }

    int chunk_shift_;
    std::array<std::atomic<Word*>, most_chunks> chunks_{};
};

}  // namespace memory_pages::detail
