// SPDX-License-Identifier: MIT
#include <memory_pages/detail/check.hpp>
#include <memory_pages/detail/huge_unit.hpp>
#include <memory_pages/detail/pool_block.hpp>
#include <memory_pages/detail/reserved_space.hpp>
#include <memory_pages/page_size.hpp>

#include "os/os.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>

namespace memory_pages::detail {
namespace {

std::unexpected<std::error_code> not_enough_memory() noexcept {
    return std::unexpected(std::make_error_code(std::errc::not_enough_memory));
}

HugePages policy_of(ReservedSpace::Told told) noexcept {
    return told.value_or(default_huge_pages());
}

/// The size of the huge pages that are preferred, 0 if none are.
std::size_t preferred(ReservedSpace::Told told) noexcept {
    return policy_of(told) == HugePages::prefer ? preferred_huge_page_size() : 0;
}

}  // namespace

Result<ReservedSpace> ReservedSpace::reserve(std::size_t needed, std::size_t wanted,
                                             std::size_t alignment, Told told) noexcept {
    const std::optional<std::size_t> least = round_up_to_pages(needed);
    if (!least) {
        return not_enough_memory();
    }
    std::size_t bytes = std::max(round_up_to_pages(wanted).value_or(*least), *least);
    const std::size_t huge = preferred(told);
    for (;;) {
        // What cannot hold a huge page behind its first one need not be aligned for any.
        Result<AddressSpace> space = AddressSpace::reserve(
            bytes, {.alignment = bytes >= 2 * huge ? std::max(alignment, huge) : alignment});
        if (space) {
            ReservedSpace reserved(std::move(*space));
            reserved.set_told(told);
            return reserved;
        }
        if (bytes == *least || space.error() == PageError::map_count_limit) {
            return std::unexpected(space.error());
        }
        bytes = std::max(round_down_to_pages(bytes / 2), *least);
    }
}

void ReservedSpace::tell(HugePages policy) noexcept {
    check(policy != HugePages::require, "PagedVec::set_huge_pages",
          "a vector cannot grow by required huge pages");
    set_told(policy);
    apply_huge_pages(0);
}

/// Carries out the policy for what is committed from this offset on, and for what that makes whole
/// of the huge page that it lies in.
void ReservedSpace::apply_huge_pages(std::size_t from) noexcept {
    const std::size_t huge = preferred(told());
    if (huge == 0) {
        if (policy_of(told()) == HugePages::never && from < committed()) {
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

Result<void> ReservedSpace::commit(std::size_t bytes) noexcept {
    const std::size_t wanted = round_up_to_pages(bytes).value_or(reserved());
    const std::size_t before = committed();
    if (wanted <= before) {
        return {};
    }
    Result<void> done = space_.commit(before, wanted - before, Access::read_write);
    if (!done && block_ != nullptr) [[unlikely]] {
        clear_pool_of(block_);
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
    Result<void> done = space_.uncommit(kept, committed() - kept);
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
    return os::decommit(data() + first, end - first);
}

Result<void> ReservedSpace::advise(Advice advice, std::size_t offset,
                                   std::size_t bytes) const noexcept {
    if (bytes == 0) {
        return {};
    }
    const std::size_t first = round_down_to_pages(offset);
    const std::size_t end = round_up_to_pages(offset + bytes).value_or(committed());
    return os::advise(data() + first, end - first, advice);
}

Result<void> ReservedSpace::collapse(std::size_t bytes) const noexcept {
    return bytes == 0 ? Result<void>()
                      : os::collapse(data(), round_up_to_pages(bytes).value_or(committed()));
}

Result<void> ReservedSpace::move_to_larger(std::size_t needed, std::size_t wanted,
                                           std::size_t alignment) noexcept {
    Result<void> done = move_once(needed, wanted, alignment);
    if (!done && block_ != nullptr) {
        clear_pool_of(block_);
        done = move_once(needed, wanted, alignment);
    }
    return done;
}

Result<void> ReservedSpace::move_once(std::size_t needed, std::size_t wanted,
                                      std::size_t alignment) noexcept {
    const std::size_t held = committed();
    Result<ReservedSpace> fresh = reserve(std::max(needed, held), wanted, alignment, told());
    if (!fresh) {
        return std::unexpected(fresh.error());
    }
    // What comes behind is committed first: once the pages have moved, nothing may be refused.
    fresh->set_committed(held);
    if (Result<void> done = fresh->commit(needed); !done) {
        return done;
    }
    if (preferred(told()) != 0 && held != 0) {
        // One mapping, where small pages at its front were another, moves in one piece.
        os::set_huge_pages(data(), held, HugePages::prefer);
    }
    const Result<void> moved = held == 0 ? Result<void>() : os::move(data(), held, fresh->data());
    if (moved) {
        space_.give_up_front(held);
        take_place_of(*fresh);
        return {};
    }
    if (moved.error() != std::errc::operation_not_supported) {
        fresh->space_.give_up_front(held);
        fresh = reserve(std::max(needed, held), wanted, alignment, told());
        if (!fresh) {
            return std::unexpected(fresh.error());
        }
        if (Result<void> done = fresh->commit(std::max(needed, held)); !done) {
            return done;
        }
    } else if (Result<void> done = fresh->space_.commit(0, held, Access::read_write); !done) {
        return done;
    }
    fresh->apply_huge_pages(0);
    std::memcpy(fresh->data(), data(), held);
    take_place_of(*fresh);
    return {};
}

}  // namespace memory_pages::detail
