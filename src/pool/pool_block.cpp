// SPDX-License-Identifier: MIT
#include <memory_pages/detail/pool_block.hpp>

#include "pool/state.hpp"

namespace memory_pages::detail {

void return_to_pool(PoolBlock* block) noexcept { block->pool->put(block); }

void clear_pool_of(PoolBlock* block) noexcept { block->pool->clear(); }

void lose_in_pool(PoolBlock* block) noexcept { block->pool->forget(block); }

}  // namespace memory_pages::detail
