// SPDX-License-Identifier: MIT
// Lock-free: a child process could find a lock held forever, and a message printed under a lock
// could hang a fork handler. Each word stands alone, so no change is ever half done.
#include <memory_pages/detail/borrow.hpp>
#include <memory_pages/detail/check.hpp>

#include "os/heap.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace memory_pages::detail {
namespace {

/// The start of a borrowed mapping, with the number of borrows in its low bits. 0: a free word.
/// Several words may count the same mapping.
using Word = std::atomic<std::uintptr_t>;

constexpr std::uintptr_t count_bits = 4095;  // No page is smaller than 4096 bytes.

/// The words of mappings with one hash, and more words if they are not enough.
struct Bucket {
    std::array<Word, 7> words{};
    std::atomic<Bucket*> next{nullptr};
};

constinit std::array<Bucket, borrows_counted ? 1024 : 1> buckets{};

std::uintptr_t address_of(const void* base) noexcept {
    return reinterpret_cast<std::uintptr_t>(base);
}

Bucket& bucket_of(std::uintptr_t base) noexcept {
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;
    return buckets[(base / (count_bits + 1) * golden >> 32) % buckets.size()];
}

bool counts(std::uintptr_t word, std::uintptr_t base) noexcept {
    return (word & ~count_bits) == base && (word & count_bits) != 0;
}

bool add_to(Word& word, std::uintptr_t base) noexcept {
    std::uintptr_t value = word.load();
    while (value == 0 || (counts(value, base) && (value & count_bits) != count_bits)) {
        if (word.compare_exchange_weak(value, (value == 0 ? base : value) + 1)) {
            return true;
        }
    }
    return false;
}

bool take_from(Word& word, std::uintptr_t base) noexcept {
    std::uintptr_t value = word.load();
    while (counts(value, base)) {
        if (word.compare_exchange_weak(value, value == base + 1 ? 0 : value - 1)) {
            return true;
        }
    }
    return false;
}

/// The first word of these for which `act` is true, or null.
template <class Act>
Word* find(Bucket* bucket, Act act) noexcept {
    for (; bucket != nullptr; bucket = bucket->next) {
        for (Word& word : bucket->words) {
            if (act(word)) {
                return &word;
            }
        }
    }
    return nullptr;
}

/// Adds more words at the end.
void extend(Bucket* bucket) noexcept {
    auto* const fresh = os::create<Bucket>();
    if (fresh == nullptr) {
        fail_contract("borrow", "no memory to count another borrow");
    }
    for (Bucket* none = nullptr; !bucket->next.compare_exchange_strong(none, fresh);) {
        bucket = none;
        none = nullptr;
    }
}

}  // namespace

void count_borrower(const void* base) noexcept {
    const std::uintptr_t address = address_of(base);
    Bucket& bucket = bucket_of(address);
    while (find(&bucket, [=](Word& word) { return add_to(word, address); }) == nullptr) {
        extend(&bucket);
    }
}

void uncount_borrower(const void* base) noexcept {
    const std::uintptr_t address = address_of(base);
    Bucket& bucket = bucket_of(address);
    // Repeats: the count may be in a word that was filled after the search had passed it.
    while (find(&bucket, [=](Word& word) { return take_from(word, address); }) == nullptr) {
    }
}

void check_not_borrowed(const char* call, const void* base) noexcept {
    const std::uintptr_t address = address_of(base);
    if (find(&bucket_of(address), [=](const Word& word) { return counts(word, address); }) !=
        nullptr) {
        fail_contract(call, "these pages are still borrowed, by a FnRef or by read or write");
    }
}

}  // namespace memory_pages::detail
