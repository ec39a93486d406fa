// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The untyped owner below the pages of a pool.

#include <memory_pages/detail/mapping.hpp>
#include <memory_pages/detail/pool_block.hpp>

#include <cstdint>
#include <utility>

namespace memory_pages::detail {

/// Whole pages that go back to their pool. All verbs are those of `Mapping`.
class PooledMapping : private Mapping {
public:
    using Mapping::advise;
    using Mapping::collapse;
    using Mapping::data;
    using Mapping::decommit;
    using Mapping::discard;
    using Mapping::is_enforced;
    using Mapping::populate;
    using Mapping::publish;
    using Mapping::size;
    using Mapping::zero;

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

    /// Gives up ownership: the block is the caller's.
    void let_go() noexcept {
        forget();
        block_ = nullptr;
    }

private:
    void give_back() noexcept;

    PoolBlock* block_;
};

}  // namespace memory_pages::detail
