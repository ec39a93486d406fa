// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Which of many pages are taken.

#include <memory_pages/error.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace memory_pages::detail {

/// A set of the numbers below a bound: a bit for each, in chunks that are made where the first
/// number is put in. Many threads may use it at once, and nobody waits. What a thread did before it
/// took numbers out, another sees when it has put them in.
class PageSet {
public:
    /// `not_enough_memory`: there is none for its table of chunks.
    [[nodiscard]] static Result<PageSet> of(std::size_t bound) noexcept;

    PageSet(PageSet&&) noexcept = default;
    PageSet& operator=(PageSet&&) = delete;
    ~PageSet();

    /// Puts `[first, first + count)` in. Either all of them, or none: `file_exists` where some are
    /// in it, `not_enough_memory` where there is none for another chunk. (While it fails, others
    /// may find too many.)
    [[nodiscard]] Result<void> insert(std::size_t first, std::size_t count) noexcept;

    /// Takes `[first, first + count)` out; all of them are in it.
    void erase(std::size_t first, std::size_t count) noexcept;

    /// Whether one of `[first, first + count)` is in it.
    [[nodiscard]] bool has_any(std::size_t first, std::size_t count) const noexcept;

private:
    using Word = std::uint64_t;
    /// The first of the words of a chunk; null where there is none.
    using Chunk = std::atomic<std::atomic<Word>*>;

    static constexpr std::size_t word_bits = 64;
    static constexpr std::size_t chunk_bits = 4096 * word_bits;

    PageSet(std::unique_ptr<Chunk[]>&& chunks, std::size_t bound) noexcept
        : chunks_(std::move(chunks)), bound_(bound) {}

    [[nodiscard]] bool make_chunk(std::size_t index) noexcept;
    [[nodiscard]] std::atomic<Word>& word_at(std::size_t number) const noexcept;

    std::unique_ptr<Chunk[]> chunks_;
    std::size_t bound_;
};

}  // namespace memory_pages::detail
