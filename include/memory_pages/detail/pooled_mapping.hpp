// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The untyped owner below the pages of a pool.

#include <memory_pages/access.hpp>
#include <memory_pages/advice.hpp>
#include <memory_pages/detail/core_error.hpp>
#include <memory_pages/detail/pool_block.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/ranges.hpp>
#include <memory_pages/writing_code.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace memory_pages::detail {

/// Whole pages that return to their pool. The verbs are those of `Mapping`.
class PooledMapping {
public:
    static constexpr const char* name = "PooledPages";  ///< In messages.

    /// The pages of a block that has no other owner.
    explicit PooledMapping(PoolBlock* block) noexcept
        : data_(reinterpret_cast<std::uint8_t*>(block->data)), size_(block->size), block_(block) {}

    PooledMapping() noexcept = default;
    PooledMapping(PooledMapping&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0)),
          block_(std::exchange(other.block_, nullptr)) {}
    PooledMapping& operator=(PooledMapping&& other) noexcept {
        PooledMapping taken(std::move(other));
        taken.swap(*this);
        return *this;
    }
    ~PooledMapping() {
        if (block_ != nullptr) {
            give_back();
        }
    }

    void swap(PooledMapping& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(block_, other.block_);
    }

    [[nodiscard]] std::uint8_t* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    [[nodiscard]] static bool is_enforced(Access access) noexcept;

    /// Notes the change in the block, so that the pool can undo it.
    [[nodiscard]] Result<void> protect(Access from, Access to) noexcept;
    /// The first change of a block that was just taken. If it is refused, the block goes back to
    /// the pool, which restores its pages: nothing is undone here.
    [[nodiscard]] CoreResult<void> protect_first(Access to) noexcept;

    /// Notes the advice in the block, so that the pool can undo it before the next use.
    [[nodiscard]] Result<void> advise(Advice advice, std::size_t offset,
                                      std::size_t bytes) const noexcept;
    [[nodiscard]] Result<void> advise(Advice advice,
                                      std::span<const ByteRange> ranges) const noexcept;

    [[nodiscard]] Result<void> populate(std::size_t offset, std::size_t bytes,
                                        Access access) const noexcept;
    [[nodiscard]] Result<void> collapse(std::size_t offset, std::size_t bytes) const noexcept;
    [[nodiscard]] Result<void> discard(std::size_t offset, std::size_t bytes) noexcept;
    [[nodiscard]] Result<void> discard(std::span<const ByteRange> ranges) noexcept;
    [[nodiscard]] Result<void> publish(std::size_t offset, std::size_t bytes,
                                       Publish code) noexcept;

    /// A refusal may leave pages inaccessible: these note it in the block, and the pool restores
    /// the pages before it reuses them.
    [[nodiscard]] Result<void> decommit(std::size_t offset, std::size_t bytes) noexcept;
    [[nodiscard]] Result<void> decommit(std::span<const ByteRange> ranges) noexcept;
    [[nodiscard]] Result<void> zero(std::size_t offset, std::size_t bytes) noexcept;

    /// Gives up ownership: the caller owns the block.
    void forget_block() noexcept {
        data_ = nullptr;
        size_ = 0;
        block_ = nullptr;
    }

private:
    void give_back() noexcept;

    std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
    PoolBlock* block_ = nullptr;
};

}  // namespace memory_pages::detail
