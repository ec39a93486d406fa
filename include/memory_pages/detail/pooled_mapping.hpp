// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The untyped owner below the pages of a pool.

#include <memory_pages/detail/mapping.hpp>
#include <memory_pages/detail/pool_block.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace memory_pages::detail {

/// Whole pages that go back to their pool. All verbs are those of `Mapping`.
class PooledMapping : private Mapping {
public:
    using Mapping::advise;
    using Mapping::collapse;
    using Mapping::data;
    using Mapping::discard;
    using Mapping::is_enforced;
    using Mapping::populate;
    using Mapping::publish;
    using Mapping::size;

    /// What a block that nobody else holds has for its user.
    explicit PooledMapping(PoolBlock* block) noexcept
        : Mapping(reinterpret_cast<std::uint8_t*>(block->data), block->size, 0), block_(block) {}

    PooledMapping(PooledMapping&& other) noexcept
        : Mapping(static_cast<Mapping&&>(other)), block_(std::exchange(other.block_, nullptr)) {}
    PooledMapping& operator=(PooledMapping&& other) noexcept {
        PooledMapping(std::move(other)).swap(*this);
        return *this;
    }
    ~PooledMapping() {
        if (block_ != nullptr) {
            give_back();
        }
    }

    void swap(PooledMapping& other) noexcept {
        Mapping::swap(other);
        std::swap(block_, other.block_);
    }

    /// As `Mapping::protect`; the pool must know what to undo.
    [[nodiscard]] Result<void> protect(Access from, Access to) noexcept;

    /// As those of `Mapping`. Where a refusal may have left pages out of reach, the pool makes sure
    /// of them before it keeps them.
    [[nodiscard]] Result<void> decommit(std::size_t offset, std::size_t bytes) noexcept {
        return known(Mapping::decommit(offset, bytes));
    }
    [[nodiscard]] Result<void> decommit(std::span<const ByteRange> ranges) noexcept {
        return known(Mapping::decommit(ranges));
    }
    [[nodiscard]] Result<void> zero(std::size_t offset, std::size_t bytes) noexcept {
        return known(Mapping::zero(offset, bytes));
    }

    /// Gives up ownership: the block is the caller's.
    void let_go() noexcept {
        forget();
        block_ = nullptr;
    }

private:
    void give_back() noexcept;

    Result<void> known(Result<void> done) noexcept {
        if (!done) [[unlikely]] {
            block_->access = Access::none;
        }
        return done;
    }

    PoolBlock* block_;
};

}  // namespace memory_pages::detail
