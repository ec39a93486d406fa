// SPDX-License-Identifier: MIT
#include <memory_pages/detail/reserved_space.hpp>
#include <memory_pages/page_size.hpp>

#include "os/os.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

namespace memory_pages::detail {
namespace {

std::unexpected<std::error_code> not_enough_memory() noexcept {
    return std::unexpected(std::make_error_code(std::errc::not_enough_memory));
}

}  // namespace

Result<ReservedSpace> ReservedSpace::reserve(std::size_t needed, std::size_t wanted,
                                             std::size_t alignment) noexcept {
    const std::optional<std::size_t> least = round_up_to_pages(needed);
    if (!least) {
        return not_enough_memory();
    }
    std::size_t bytes = std::max(round_up_to_pages(wanted).value_or(*least), *least);
    for (;;) {
        const Result<std::byte*> base = os::reserve(bytes, std::max(alignment, std::size_t{1}));
        if (base) {
            return ReservedSpace(*base, bytes);
        }
        if (bytes == *least || base.error() == PageError::map_count_limit) {
            return std::unexpected(base.error());
        }
        bytes = std::max(round_down_to_pages(bytes / 2), *least);
    }
}

void ReservedSpace::release(std::byte* data, std::size_t bytes) noexcept {
    os::release(data, bytes);
}

Result<void> ReservedSpace::commit(std::size_t bytes) noexcept {
    const std::size_t wanted = round_up_to_pages(bytes).value_or(reserved_);
    if (wanted <= committed_) {
        return {};
    }
    Result<void> done = os::commit(data_ + committed_, wanted - committed_, Access::read_write);
    if (done) {
        committed_ = wanted;
    }
    return done;
}

Result<void> ReservedSpace::decommit_from(std::size_t bytes) noexcept {
    const std::size_t kept = round_up_to_pages(bytes).value_or(committed_);
    if (kept >= committed_) {
        return {};
    }
    Result<void> done = os::uncommit(data_ + kept, committed_ - kept);
    if (done) {
        committed_ = kept;
    }
    return done;
}

Result<void> ReservedSpace::drop(std::size_t offset, std::size_t bytes) noexcept {
    const std::size_t first = round_up_to_pages(offset).value_or(committed_);
    const std::size_t end = round_down_to_pages(offset + bytes);
    if (first >= end) {
        return {};
    }
    return os::decommit(data_ + first, end - first);
}

Result<void> ReservedSpace::advise(Advice advice, std::size_t offset,
                                   std::size_t bytes) const noexcept {
    if (bytes == 0) {
        return {};
    }
    const std::size_t first = round_down_to_pages(offset);
    const std::size_t end = round_up_to_pages(offset + bytes).value_or(committed_);
    return os::advise(data_ + first, end - first, advice);
}

Result<void> ReservedSpace::move_to_larger(std::size_t needed, std::size_t wanted,
                                           std::size_t alignment) noexcept {
    const std::size_t held = committed_;
    Result<ReservedSpace> fresh = reserve(std::max(needed, held), wanted, alignment);
    if (!fresh) {
        return std::unexpected(fresh.error());
    }
    // What comes behind is committed first: once the pages have moved, nothing may be refused.
    fresh->committed_ = held;
    if (Result<void> done = fresh->commit(needed); !done) {
        return done;
    }
    const Result<void> moved = held == 0 ? Result<void>() : os::move(data_, held, fresh->data_);
    if (moved) {
        give_up_front(held);
        swap(*fresh);
        fresh->forget();
        return {};
    }
    if (moved.error() != std::errc::operation_not_supported) {
        fresh->give_up_front(held);
        fresh->forget();
        fresh = reserve(std::max(needed, held), wanted, alignment);
        if (!fresh) {
            return std::unexpected(fresh.error());
        }
        if (Result<void> done = fresh->commit(std::max(needed, held)); !done) {
            return done;
        }
    } else if (Result<void> done = os::commit(fresh->data_, held, Access::read_write); !done) {
        return done;
    }
    std::memcpy(fresh->data_, data_, held);
    swap(*fresh);
    return {};
}

/// The first `bytes` are not this object's any more: give back what is behind them.
void ReservedSpace::give_up_front(std::size_t bytes) noexcept {
    if (reserved_ > bytes) {
        os::release(data_ + bytes, reserved_ - bytes);
    }
}

}  // namespace memory_pages::detail
