// SPDX-License-Identifier: MIT
#include <memory_pages/detail/pooled_mapping.hpp>

#include <memory_pages/detail/borrow.hpp>
#include <memory_pages/page_size.hpp>

#include "os/memory.hpp"
#include "verbs/protect.hpp"
#include "verbs/ranges.hpp"
#include "verbs/verbs.hpp"

#include <atomic>

namespace memory_pages::detail {
namespace {

verbs::Extent extent_of(const PooledMapping& mapping) noexcept {
    return {bytes_at(mapping.data(), 0), mapping.size(), page_size()};
}

/// Notes a change of permissions. After a refusal a part may have changed, even if it was to be
/// undone.
CoreResult<void> noted(CoreResult<void> done, PoolBlock& block, Access to) noexcept {
    if (done && to == Access::read_write) {
        block.changes.fetch_and(~PoolBlock::permissions, std::memory_order_relaxed);
    } else {
        block.note(PoolBlock::permissions);
    }
    return done;
}

CoreResult<void> noted_if_refused(CoreResult<void> done, PoolBlock& block) noexcept {
    if (!done) [[unlikely]] {
        block.note(PoolBlock::permissions);
    }
    return done;
}

}  // namespace

void PooledMapping::give_back() noexcept {
    if constexpr (borrows_counted) {
        check_not_borrowed("PooledPages::~PooledPages", data_);
    }
    return_to_pool(block_);
}

bool PooledMapping::is_enforced(Access access) noexcept { return os::is_enforced(access); }

Result<void> PooledMapping::protect(Access from, Access to) noexcept {
    return noted(verbs::protect(bytes_at(data_, 0), size_, from, to), *block_, to);
}

CoreResult<void> PooledMapping::protect_first(Access to) noexcept {
    return noted(verbs::change_part(bytes_at(data_, 0), size_, Access::read_write, to), *block_,
                 to);
}

Result<void> PooledMapping::advise(Advice advice, std::size_t offset,
                                   std::size_t bytes) const noexcept {
    block_->note(advice);
    return verbs::advise(extent_of(*this), ByteRange{offset, bytes}, advice);
}

Result<void> PooledMapping::advise(Advice advice,
                                   std::span<const ByteRange> ranges) const noexcept {
    block_->note(advice);
    return verbs::advise(extent_of(*this), ranges, advice);
}

Result<void> PooledMapping::populate(std::size_t offset, std::size_t bytes,
                                     Access access) const noexcept {
    return verbs::populate(extent_of(*this), {offset, bytes}, access);
}

Result<void> PooledMapping::collapse(std::size_t offset, std::size_t bytes) const noexcept {
    return verbs::collapse(extent_of(*this), {offset, bytes});
}

Result<void> PooledMapping::discard(std::size_t offset, std::size_t bytes) noexcept {
    return verbs::discard(extent_of(*this), ByteRange{offset, bytes});
}

Result<void> PooledMapping::discard(std::span<const ByteRange> ranges) noexcept {
    return verbs::discard(extent_of(*this), ranges);
}

Result<void> PooledMapping::publish(std::size_t offset, std::size_t bytes, Publish code) noexcept {
    return verbs::publish(extent_of(*this), {offset, bytes}, code);
}

Result<void> PooledMapping::decommit(std::size_t offset, std::size_t bytes) noexcept {
    return noted_if_refused(verbs::decommit(extent_of(*this), ByteRange{offset, bytes}), *block_);
}

Result<void> PooledMapping::decommit(std::span<const ByteRange> ranges) noexcept {
    return noted_if_refused(verbs::decommit(extent_of(*this), ranges), *block_);
}

Result<void> PooledMapping::zero(std::size_t offset, std::size_t bytes) noexcept {
    return noted_if_refused(verbs::zero(extent_of(*this), {offset, bytes}), *block_);
}

}  // namespace memory_pages::detail
