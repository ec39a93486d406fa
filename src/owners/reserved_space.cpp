// SPDX-License-Identifier: MIT
#include <memory_pages/detail/reserved_space.hpp>

#include <memory_pages/detail/borrow.hpp>
#include <memory_pages/detail/check.hpp>
#include <memory_pages/detail/core_error.hpp>
#include <memory_pages/detail/huge_unit.hpp>
#include <memory_pages/detail/pool_block.hpp>
#include <memory_pages/page_pool.hpp>
#include <memory_pages/page_size.hpp>

#include "os/advice.hpp"
#include "os/contents.hpp"
#include "os/huge.hpp"
#include "os/limits.hpp"
#include "os/poison.hpp"
#include "os/reserve.hpp"
#include "pool/state.hpp"
#include "verbs/ranges.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

namespace memory_pages::detail {
namespace {

HugePages policy_of(ReservedSpace::PolicyOverride policy) noexcept {
    return policy.value_or(default_huge_pages());
}

/// The size of preferred huge pages; 0 if none are preferred.
std::size_t preferred(ReservedSpace::PolicyOverride policy) noexcept {
    return policy_of(policy) == HugePages::prefer ? preferred_huge_page_size() : 0;
}

}  // namespace

std::size_t roomy_reservation(std::size_t needed) noexcept {
    constexpr std::size_t least = std::size_t{256} << 20;
    constexpr std::size_t times = 16;
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max() / 2;
    const std::size_t roomy = needed > most / times ? most : std::max(least, needed * times);
    // Leaves address space for others. Read each time: a limit may be lowered.
    constexpr std::size_t share = 64;
    const std::optional<std::size_t> limit = os::address_space_limit();
    return limit ? std::min(roomy, std::max(*limit / share, 2 * std::min(needed, most / 2)))
                 : roomy;
}

Result<ReservedSpace> ReservedSpace::reserve(std::size_t needed, std::size_t wanted,
                                             std::size_t alignment,
                                             PolicyOverride policy) noexcept {
    const std::optional<std::size_t> least = round_up_to_pages(needed);
    if (!least) {
        return std::unexpected(Error::not_enough_memory);
    }
    std::size_t bytes = std::max(round_up_to_pages(wanted).value_or(*least), *least);
    const std::size_t huge = preferred(policy);
    for (;;) {
        // Huge pages start behind the first huge page's worth; a smaller space needs no alignment.
        CoreResult<AddressSpace> space = AddressSpace::reserve(
            bytes, {.alignment = bytes >= 2 * huge ? std::max(alignment, huge) : alignment});
        if (space) {
            ReservedSpace reserved(std::move(*space));
            reserved.set_override(policy);
            return reserved;
        }
        if (bytes == *least || space.error() == Error::map_count_limit) {
            return std::unexpected(space.error());
        }
        bytes = std::max(round_down_to_pages(bytes / 2), *least);
    }
}

Result<ReservedSpace> ReservedSpace::of_pool(PagePool& pool, std::size_t needed) noexcept {
    PoolState& state = *pool.state_;
    PoolBlock* block = state.take(PoolState::space_key);
    if (block == nullptr) [[unlikely]] {
        const auto reserved = [&] {
            return reserve(page_size(), roomy_reservation(needed), 0, state.huge_pages());
        };
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
            return std::unexpected(Error::not_enough_memory);
        }
        fresh->block_ = block;
        return fresh;
    }
    ReservedSpace space(AddressSpace(block->data, block->reserved));
    space.set_committed(block->committed);
    space.set_override(state.huge_pages());
    space.block_ = block;
    block->is_empty = false;
    return space;
}

void ReservedSpace::set_policy(HugePages policy) noexcept {
    check(policy != HugePages::require, "PagedVec::set_huge_pages",
          "a vector cannot grow by required huge pages");
    if (block_ != nullptr && policy_override() != policy) {
        block_->note(PoolBlock::huge_pages);
    }
    set_override(policy);
    apply_huge_pages(0);
}

/// Applies the policy to what is committed from this offset on, including the huge page that this
/// range completes.
void ReservedSpace::apply_huge_pages(std::size_t from) noexcept {
    const std::size_t huge = preferred(policy_override());
    if (huge == 0) {
        if (policy_of(policy_override()) == HugePages::never && from < committed()) {
            os::set_huge_pages(data() + from, committed() - from, HugePages::never);
        }
        return;
    }
    const std::size_t ahead = -reinterpret_cast<std::uintptr_t>(data()) % huge;
    const std::size_t second = ahead == 0 ? huge : ahead;
    const std::size_t first = from < second ? second : from - (from - second) % huge;
    if (committed() > first && committed() - first >= huge) {
        os::set_huge_pages(data() + first, committed() - first, HugePages::prefer);
    }
}

void ReservedSpace::give_back(std::byte* data, std::size_t committed, std::size_t reserved,
                              PoolBlock* block) noexcept {
    block->data = data;
    block->reserved = reserved;
    block->committed = committed;
    block->dirty = committed;
    return_to_pool(block);
}

bool ReservedSpace::clear_pool() const noexcept {
    if (block_ != nullptr) {
        clear_pool_of(block_);
    }
    return block_ != nullptr;
}

Result<void> ReservedSpace::commit(std::size_t bytes) noexcept {
    const std::size_t wanted = round_up_to_pages(bytes).value_or(reserved());
    const std::size_t before = committed();
    if (wanted <= before) {
        return {};
    }
    CoreResult<void> done = space_.commit(before, wanted - before, Access::read_write);
    if (!done && clear_pool()) [[unlikely]] {
        done = space_.commit(before, wanted - before, Access::read_write);
    }
    if (done) {
        set_committed(wanted);
        apply_huge_pages(before);
    }
    return done;
}

Result<void> ReservedSpace::decommit_from(std::size_t bytes) noexcept {
    const std::size_t kept = round_up_to_pages(bytes).value_or(committed());
    if (kept >= committed()) {
        return {};
    }
    CoreResult<void> done = space_.uncommit(kept, committed() - kept);
    if (done) {
        set_committed(kept);
    }
    return done;
}

Result<void> ReservedSpace::drop(std::size_t offset, std::size_t bytes) noexcept {
    const std::size_t first = round_up_to_pages(offset).value_or(committed());
    const std::size_t end = round_down_to_pages(offset + bytes);
    if (first >= end) {
        return {};
    }
    os::forget_poison(data() + first, end - first);
    return os::decommit(data() + first, end - first);
}

Result<void> ReservedSpace::advise(Advice advice, std::size_t offset,
                                   std::size_t bytes) const noexcept {
    if (bytes == 0) {
        return {};
    }
    if (block_ != nullptr) {
        block_->note(advice);
    }
    const ByteRange pages = rounded_outward({offset, bytes}, page_size());
    return os::advise(data() + pages.offset, pages.bytes, advice);
}

Result<void> ReservedSpace::collapse(std::size_t bytes) const noexcept {
    return bytes == 0 ? CoreResult<void>()
                      : os::collapse(data(), round_up_to_pages(bytes).value_or(committed()));
}

Result<Mapping> ReservedSpace::to_mapping(std::size_t bytes, const PageOptions& options) noexcept {
    if (Result<void> done = decommit_from(bytes); !done) {
        return std::unexpected(done.error());
    }
    Result<Mapping> mapping =
        Mapping::adopt(reinterpret_cast<std::uint8_t*>(data()), committed(), options);
    if (mapping) {
        os::reservation_to_mapping(data(), reserved(), committed());
        space_.forget();
        set_committed(0);
        if (PoolBlock* const block = std::exchange(block_, nullptr)) {
            lose_in_pool(block);
        }
    }
    return mapping;
}

Result<ReservedSpace> ReservedSpace::of_mapping(Mapping& mapping) noexcept {
    const HugePages policy = mapping.options().huge_pages();
    if (mapping.options().is_part() || policy == HugePages::require) {
        return invalid_argument();
    }
    if constexpr (borrows_counted) {
        check_not_borrowed("PagedVec::from_pages", mapping.data());
    }
    const std::size_t bytes = mapping.size();
    ReservedSpace space(AddressSpace(reinterpret_cast<std::byte*>(mapping.data()), bytes));
    space.set_override(policy == HugePages::system ? PolicyOverride() : PolicyOverride(policy));
    space.set_committed(bytes);
    (void)mapping.release();
    // Bytes of another type become elements: keeps earlier writes before this point.
    std::atomic_signal_fence(std::memory_order_seq_cst);
    os::mapping_to_reservation(space.data(), bytes);
    return space;
}

Result<void> ReservedSpace::move_to_larger(std::size_t needed, std::size_t wanted,
                                           std::size_t alignment) noexcept {
    Result<void> done = move_once(needed, wanted, alignment);
    if (!done && clear_pool()) {
        done = move_once(needed, wanted, alignment);
    }
    return done;
}

Result<void> ReservedSpace::move_once(std::size_t needed, std::size_t wanted,
                                      std::size_t alignment) noexcept {
    const std::size_t held = committed();
    os::forget_poison(data(), held);
    // `os::move` needs a page behind the pages that it moves.
    needed = std::max(needed, held == 0 ? 0 : held + page_size());
    Result<ReservedSpace> fresh = reserve(needed, wanted, alignment, policy_override());
    if (!fresh) {
        return std::unexpected(fresh.error());
    }
    // Commits the rest first: after the move nothing may fail.
    fresh->set_committed(held);
    if (Result<void> done = fresh->commit(needed); !done) {
        return done;
    }
    if (preferred(policy_override()) != 0 && held != 0) {
        // Makes it one mapping, which moves in one piece: small pages at the front were another
        // one.
        os::set_huge_pages(data(), held, HugePages::prefer);
    }
    const CoreResult<void> moved =
        held == 0 ? CoreResult<void>() : os::move(data(), held, fresh->data());
    if (moved) {
        space_.give_up_front(held);
        take_place_of(*fresh);
        return {};
    }
    const bool is_target_lost = moved.error() != Error::operation_not_supported;
    return copy_to(std::move(*fresh), is_target_lost, needed, wanted, alignment);
}

Result<void> ReservedSpace::copy_to(ReservedSpace&& fresh, bool is_target_lost, std::size_t needed,
                                    std::size_t wanted, std::size_t alignment) noexcept {
    const std::size_t held = committed();
    if (is_target_lost) {
        fresh.space_.give_up_front(held + page_size());
        Result<ReservedSpace> another = reserve(needed, wanted, alignment, policy_override());
        if (!another) {
            return std::unexpected(another.error());
        }
        fresh = std::move(*another);
        if (Result<void> done = fresh.commit(needed); !done) {
            return done;
        }
    } else if (const CoreResult<void> done = fresh.space_.commit(0, held, Access::read_write);
               !done) {
        return done;
    }
    fresh.apply_huge_pages(0);
    os::copy(fresh.data(), data(), held);
    take_place_of(fresh);
    return {};
}

}  // namespace memory_pages::detail
