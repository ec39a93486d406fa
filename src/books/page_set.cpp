// SPDX-License-Identifier: MIT
#include "books/page_set.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace memory_pages::detail {
namespace {

/// Hands `act` the place of each word of `[first, first + count)`, as the number of its first bit
/// that is meant, and the bits, up to the first of which it says no. Where that was, or the end.
template <class Act>
std::size_t for_words(std::size_t first, std::size_t count, Act act) noexcept {
    constexpr std::size_t word_bits = 64;
    const std::size_t end = first + count;
    std::size_t at = first;
    while (at < end) {
        const std::size_t next = std::min((at / word_bits + 1) * word_bits, end);
        const std::uint64_t ones = ~std::uint64_t{0} >> (word_bits - (next - at));
        if (!act(at, ones << (at % word_bits))) {
            break;
        }
        at = next;
    }
    return at;
}

}  // namespace

Result<PageSet> PageSet::of(std::size_t bound) noexcept {
    std::unique_ptr<Chunk[]> chunks(new (std::nothrow) Chunk[bound / chunk_bits + 1]());
    if (chunks == nullptr) {
        return std::unexpected(std::make_error_code(std::errc::not_enough_memory));
    }
    return PageSet(std::move(chunks), bound);
}

PageSet::~PageSet() {
    for (std::size_t i = 0; chunks_ != nullptr && i <= bound_ / chunk_bits; ++i) {
        delete[] chunks_[i].load(std::memory_order_relaxed);
    }
}

bool PageSet::make_chunk(std::size_t index) noexcept {
    Chunk& chunk = chunks_[index];
    if (chunk.load(std::memory_order_acquire) != nullptr) {
        return true;
    }
    const std::size_t bits = std::min(chunk_bits, bound_ - index * chunk_bits);
    auto* const fresh = new (std::nothrow) std::atomic<Word>[bits / word_bits + 1]();
    std::atomic<Word>* before = nullptr;
    if (fresh != nullptr &&
        !chunk.compare_exchange_strong(before, fresh, std::memory_order_acq_rel)) {
        delete[] fresh;  // Another thread was first.
    }
    return fresh != nullptr;
}

std::atomic<PageSet::Word>& PageSet::word_at(std::size_t number) const noexcept {
    return chunks_[number / chunk_bits].load(
        std::memory_order_acquire)[number % chunk_bits / word_bits];
}

Result<void> PageSet::insert(std::size_t first, std::size_t count) noexcept {
    for (std::size_t i = first / chunk_bits; i <= (first + count - 1) / chunk_bits; ++i) {
        if (!make_chunk(i)) {
            return std::unexpected(std::make_error_code(std::errc::not_enough_memory));
        }
    }
    const std::size_t done = for_words(first, count, [this](std::size_t at, Word bits) noexcept {
        std::atomic<Word>& word = word_at(at);
        const Word before = word.fetch_or(bits, std::memory_order_acq_rel);
        if ((before & bits) != 0) {
            word.fetch_and(~(bits & ~before), std::memory_order_release);
        }
        return (before & bits) == 0;
    });
    if (done != first + count) {
        erase(first, done - first);
        return std::unexpected(std::make_error_code(std::errc::file_exists));
    }
    return {};
}

void PageSet::erase(std::size_t first, std::size_t count) noexcept {
    for_words(first, count, [this](std::size_t at, Word bits) noexcept {
        word_at(at).fetch_and(~bits, std::memory_order_release);
        return true;
    });
}

bool PageSet::has_any(std::size_t first, std::size_t count) const noexcept {
    return for_words(first, count, [this](std::size_t at, Word bits) noexcept {
               const std::atomic<Word>* const chunk =
                   chunks_[at / chunk_bits].load(std::memory_order_acquire);
               return chunk == nullptr ||
                      (chunk[at % chunk_bits / word_bits].load(std::memory_order_acquire) & bits) ==
                          0;
           }) != first + count;
}

}  // namespace memory_pages::detail
