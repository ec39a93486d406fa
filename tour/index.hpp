// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// An index of the words of a text, in any vector. A word is a run of ASCII letters and non-ASCII
/// bytes.

#include "text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace tour {

/// The place of a word in the text, and its hash.
struct Entry {
    std::uint64_t hash;
    std::uint32_t offset;
    std::uint32_t length;
};

/// Calls `act(offset, length)` for each word.
template <class Act>
void for_each_word(Bytes text, Act act) {
    static constexpr std::array<bool, 256> is_letter = [] {
        std::array<bool, 256> letters{};
        for (std::size_t c = 0; c < letters.size(); ++c) {
            letters[c] = c >= 0x80 || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        }
        return letters;
    }();
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::size_t begin = at;
        while (at < text.size() && is_letter[text[at]]) {
            ++at;
        }
        if (at > begin) {
            act(begin, at - begin);
        }
    }
}

/// Appends all words of the text, one by one; returns how often the entries moved.
template <class Vector, class HashFunction>
std::uint64_t append_words(Vector& index, Bytes text, const HashFunction& hash) {
    std::uint64_t moves = 0;
    const Entry* home = nullptr;
    for_each_word(text, [&](std::size_t offset, std::size_t length) {
        index.push_back(Entry{hash(text.data() + offset, length),
                              static_cast<std::uint32_t>(offset),
                              static_cast<std::uint32_t>(length)});
        if (index.data() != home) {
            moves += home == nullptr ? 0U : 1U;
            home = index.data();
        }
    });
    return moves;
}

/// Sorts the index: equal words become neighbours, in the order of the text.
template <class Vector>
void sort_words(Vector& index) {
    std::sort(index.begin(), index.end(), [](const Entry& a, const Entry& b) {
        return std::tie(a.hash, a.offset) < std::tie(b.hash, b.offset);
    });
}

/// How often a word occurs.
struct WordCount {
    std::uint64_t count;
    Bytes word;
};

struct Counts {
    std::uint64_t distinct = 0;
    bool one_word_per_hash = true;
    std::vector<WordCount> most_frequent;  ///< The most frequent first.
};

/// Counts the words of a sorted index.
template <class Vector>
Counts count_words(const Vector& index, Bytes text) {
    constexpr std::size_t shown = 10;
    const auto word_of = [&](const Entry& e) { return text.subspan(e.offset, e.length); };
    Counts counts;
    for (auto first = index.begin(); first != index.end();) {
        const Bytes word = word_of(*first);
        auto next = first;
        for (; next != index.end() && next->hash == first->hash; ++next) {
            counts.one_word_per_hash =
                counts.one_word_per_hash && std::ranges::equal(word_of(*next), word);
        }
        ++counts.distinct;

        const auto count = static_cast<std::uint64_t>(next - first);
        auto& top = counts.most_frequent;
        if (top.size() < shown || count > top.back().count) {
            top.insert(std::ranges::upper_bound(top, count, std::greater(), &WordCount::count),
                       {count, word});
            top.resize(std::min(top.size(), shown));
        }
        first = next;
    }
    return counts;
}

/// A number that is equal for two indexes with the same entries, in any order.
template <class Vector>
std::uint64_t digest_of(const Vector& index) {
    std::uint64_t sum = 0;
    for (const Entry& entry : index) {
        sum += entry.hash * (2 * std::uint64_t{entry.offset} + 1) + entry.length;
    }
    return sum;
}

}  // namespace tour
