// SPDX-License-Identifier: MIT
#include <memory_pages/detail/borrow.hpp>
#include <memory_pages/detail/reserved_space.hpp>
#include <memory_pages/page_pool.hpp>
#include <memory_pages/page_size.hpp>

#include "pool/state.hpp"

#include <algorithm>
#include <atomic>
#include <memory>

namespace memory_pages {
namespace detail {

void return_to_pool(PoolBlock* block) noexcept { block->pool->put(block); }

void clear_pool_of(PoolBlock* block) noexcept { block->pool->clear(); }

Result<void> PooledMapping::protect(Access from, Access to) noexcept {
    Result<void> done = Mapping::protect(from, to);
    if (done) {
        block_->access = to;
    }
    return done;
}

void PooledMapping::give_back() noexcept {
    if constexpr (borrows_counted) {
        check_not_borrowed("unmap", data());
    }
    forget();
    return_to_pool(block_);
}

Result<ReservedSpace> ReservedSpace::of_pool(PagePool& pool, std::size_t wanted) noexcept {
    PoolState& state = *pool.state_;
    PoolBlock* block = state.take(PoolState::space_key);
    if (block == nullptr) [[unlikely]] {
        const auto reserved = [&] { return reserve(page_size(), wanted, 0, state.huge_pages()); };
        Result<ReservedSpace> fresh = reserved();
        if (!fresh) {
            state.clear();
            fresh = reserved();
        }
        if (!fresh) {
            return fresh;
        }
        block = state.make_block(PoolState::space_key);
        if (block == nullptr) {
            return std::unexpected(std::make_error_code(std::errc::not_enough_memory));
        }
        fresh->block_ = block;
        return fresh;
    }
    ReservedSpace space(AddressSpace(block->data, block->reserved));
    space.set_committed(block->committed);
    space.set_told(state.huge_pages());
    space.block_ = block;
    block->is_empty = false;
    return space;
}

}  // namespace detail

PagePool::PagePool(const PoolOptions& options) : state_(new detail::PoolState(options)) {}

PagePool::~PagePool() { state_->close(); }

PagePool& PagePool::process() {
    // Without a lock that a child of this process could find held for ever.
    static constinit std::atomic<PagePool*> the_pool{nullptr};
    PagePool* pool = the_pool.load(std::memory_order_acquire);
    if (pool == nullptr) {
        auto fresh = std::make_unique<PagePool>();
        if (the_pool.compare_exchange_strong(pool, fresh.get(), std::memory_order_acq_rel,
                                             std::memory_order_acquire)) {
            pool = fresh.release();
        }
    }
    return *pool;
}

detail::PoolBlock* PagePool::take_block(std::size_t bytes, Contents contents, detail::Access access,
                                        std::error_code& error) noexcept {
    const detail::PoolState::Sizes sizes = state_->sizes_for(bytes);
    if (sizes.key == 0) [[unlikely]] {
        error = std::make_error_code(bytes == 0 ? std::errc::invalid_argument
                                                : std::errc::not_enough_memory);
        return nullptr;
    }
    detail::PoolBlock* block = state_->take(sizes.key);
    if (block != nullptr && contents == Contents::zero && !state_->zero(block, sizes.pages))
        [[unlikely]] {
        state_->release(block);
        block = nullptr;
    }
    if (block == nullptr) [[unlikely]] {
        block = state_->make_pages(sizes.key, error);
        if (block == nullptr) {
            state_->clear();
            block = state_->make_pages(sizes.key, error);
        }
        if (block == nullptr) {
            return nullptr;
        }
    }
    block->is_empty = false;
    block->dirty = std::max(block->dirty, sizes.pages);
    block->size = sizes.pages;
    if (access != detail::Access::read_write) {
        detail::PooledMapping pages(block);
        if (const Result<void> done = pages.protect(detail::Access::read_write, access); !done) {
            error = done.error();
            return nullptr;
        }
        pages.let_go();
    }
    return block;
}

void PagePool::trim() noexcept { state_->trim(); }

void PagePool::clear() noexcept { state_->clear(); }

PoolStatistics PagePool::statistics() const noexcept { return state_->statistics(); }

}  // namespace memory_pages
