// SPDX-License-Identifier: MIT
#include "tracking/page_set.hpp"

#include <bit>
#include <cstdlib>
#include <limits>

namespace memory_pages::detail {

PageSet::PageSet(std::size_t bound) noexcept {
    constexpr std::size_t least_chunk = 4096;
    const std::size_t chunk = std::max((bound + most_chunks - 1) / most_chunks, least_chunk);
    chunk_shift_ = std::numeric_limits<std::size_t>::digits - std::countl_zero(chunk - 1);
}

PageSet::~PageSet() {
    for (const std::atomic<Word*>& chunk : chunks_) {
        if (Word* const words = chunk.load(std::memory_order_relaxed)) {
            std::free(words);
        }
    }
}

bool PageSet::make_chunk(std::size_t index) noexcept {
    // The C library does not touch large zeroed memory, so calloc makes nothing resident.
    auto* const fresh = static_cast<Word*>(std::calloc(chunk_bits() / word_bits, sizeof(Word)));
    Word* before = nullptr;
    if (fresh != nullptr &&
        !chunks_[index].compare_exchange_strong(before, fresh, std::memory_order_acq_rel)) {
        std::free(fresh);  // Another thread was faster.
    }
    return fresh != nullptr;
}

bool PageSet::make_room(std::size_t first, std::size_t count) noexcept {
    for (std::size_t i = first >> chunk_shift_; i <= (first + count - 1) >> chunk_shift_; ++i) {
        if (chunks_[i].load(std::memory_order_relaxed) == nullptr && !make_chunk(i)) {
            return false;
        }
    }
    return true;
}

Error PageSet::insert_many(std::size_t first, std::size_t count) noexcept {
    if (!make_room(first, count)) {
        return Error::not_enough_memory;
    }
    const std::size_t done = for_words(
        first, count, [this](std::size_t at, Word bits) noexcept { return put_in(at, bits); });
    if (done != first + count) {
        erase_many(first, done - first);
        return Error::invalid_argument;
    }
    return {};
}

void PageSet::erase_many(std::size_t first, std::size_t count) noexcept {
    for_words(first, count, [this](std::size_t at, Word bits) noexcept {
        word_at(at).fetch_and(~bits, std::memory_order_release);
        return true;
    });
}

bool PageSet::has_any(std::size_t first, std::size_t count) const noexcept {
    return find(true, first, first + count) != first + count;
}

void PageSet::add(std::size_t first, std::size_t count) noexcept {
    for_words(first, count, [this](std::size_t at, Word bits) noexcept {
        word_at(at).fetch_or(bits, std::memory_order_acq_rel);
        return true;
    });
}

void PageSet::remove(std::size_t first, std::size_t count) noexcept {
    for_words(first, count, [this](std::size_t at, Word bits) noexcept {
        if (words_of(at) != nullptr) {
            word_at(at).fetch_and(~bits, std::memory_order_release);
        }
        return true;
    });
}

std::size_t PageSet::find(bool is_in, std::size_t first, std::size_t end) const noexcept {
    std::size_t found = end;
    for_words(first, end - first, [&](std::size_t at, Word bits) noexcept {
        const Word in = words_of(at) == nullptr ? 0 : word_at(at).load(std::memory_order_acquire);
        const Word sought = (is_in ? in : ~in) & bits;
        if (sought != 0) {
            found = at - at % word_bits + static_cast<std::size_t>(std::countr_zero(sought));
        }
        return sought == 0;
    });
    return found;
}

}  // namespace memory_pages::detail
