// SPDX-License-Identifier: MIT
#include <memory_pages/detail/core_error.hpp>
#include <memory_pages/detail/pool_block.hpp>
#include <memory_pages/page_pool.hpp>

#include "os/process.hpp"
#include "pool/state.hpp"

#include <algorithm>
#include <atomic>
#include <memory>

namespace memory_pages {
namespace {

/// The pool of the process. No lock: a child could find it held forever.
constinit std::atomic<PagePool*> the_pool{nullptr};

}  // namespace

PagePool::PagePool(const PoolOptions& options) : state_(new detail::PoolState(options)) {}

PagePool::~PagePool() { state_->close(); }

PagePool& PagePool::process() {
    PagePool* pool = the_pool.load(std::memory_order_acquire);
    if (pool == nullptr) {
        auto fresh = std::make_unique<PagePool>();
        if (the_pool.compare_exchange_strong(pool, fresh.get(), std::memory_order_acq_rel,
                                             std::memory_order_acquire)) {
            pool = fresh.release();
            os::on_unload([]() noexcept { delete the_pool.exchange(nullptr); });
        }
    }
    return *pool;
}

detail::CoreResult<detail::PoolBlock*> PagePool::take_block(std::size_t bytes, Contents contents,
                                                            Access access) noexcept {
    const detail::PoolState::Sizes sizes = state_->sizes_for(bytes);
    if (sizes.key == 0) [[unlikely]] {
        return std::unexpected(bytes == 0 ? detail::Error::invalid_argument
                                          : detail::Error::not_enough_memory);
    }
    detail::PoolBlock* block = state_->take(sizes.key);
    if (block != nullptr && contents == Contents::zero && !state_->zero(block, sizes.pages))
        [[unlikely]] {
        state_->release(block);
        block = nullptr;
    }
    if (block == nullptr) [[unlikely]] {
        detail::CoreResult<detail::PoolBlock*> fresh = state_->make_pages(sizes.key);
        if (!fresh) {
            state_->clear();
            fresh = state_->make_pages(sizes.key);
        }
        if (!fresh) {
            return fresh;
        }
        block = *fresh;
    }
    block->is_empty = false;
    block->dirty = std::max(block->dirty, sizes.pages);
    block->size = sizes.pages;
    if (access != Access::read_write) {
        detail::PooledMapping pages(block);
        if (const detail::CoreResult<void> done = pages.protect_first(access); !done) {
            return std::unexpected(done.error());
        }
        pages.forget_block();
    }
    return block;
}

void PagePool::trim() noexcept { state_->trim(); }

void PagePool::clear() noexcept { state_->clear(); }

PoolStatistics PagePool::statistics() const noexcept { return state_->statistics(); }

}  // namespace memory_pages
