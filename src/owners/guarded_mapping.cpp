// SPDX-License-Identifier: MIT
#include <memory_pages/detail/guarded_mapping.hpp>

#include <memory_pages/detail/address_space.hpp>
#include <memory_pages/detail/borrow.hpp>
#include <memory_pages/page_size.hpp>

#include "os/advice.hpp"
#include "os/code.hpp"
#include "os/contents.hpp"
#include "os/guard.hpp"
#include "os/heap.hpp"
#include "os/huge.hpp"
#include "os/memory.hpp"
#include "os/poison.hpp"
#include "os/reserve.hpp"
#include "tracking/inner_guards.hpp"
#include "verbs/protect.hpp"
#include "verbs/ranges.hpp"
#include "verbs/verbs.hpp"

#include <cstdint>
#include <limits>
#include <optional>

namespace memory_pages::detail {
namespace {

verbs::Extent extent_of(const GuardedMapping& mapping) noexcept {
    return {bytes_at(mapping.data(), 0), mapping.size(), page_size()};
}

bool are_whole_pages_of(const verbs::Extent& extent, ByteRange range) noexcept {
    return lies_within(range, extent.bytes) && are_whole_units(range, extent.unit);
}

/// Whether `protect`, `decommit`, `discard` and `advise` skip all guards by themselves.
bool are_all_markers(const InnerGuards* guards) noexcept {
    return guards == nullptr || guards->method() == os::GuardMethod::page_table_marker;
}

/// Whether the range holds an aligned huge page.
bool holds_a_huge_page(const std::byte* base, std::size_t bytes) noexcept {
    const std::size_t huge = os::transparent_huge_page_size();
    return huge == 0 || bytes >= huge + (-reinterpret_cast<std::uintptr_t>(base) & (huge - 1));
}

CoreResult<void> guard_part(std::byte* base, InnerGuards& guards, ByteRange part,
                            Access access) noexcept {
    os::forget_poison(base + part.offset, part.bytes);
    const os::Result<os::GuardMethod> made = os::guard(base + part.offset, part.bytes, access);
    if (!made) {
        return std::unexpected(made.error());
    }
    if (*made == os::GuardMethod::inaccessible_page) {
        guards.note_inaccessible_page();
    }
    return {};
}

CoreResult<void> unguard_part(std::byte* base, const InnerGuards& guards, ByteRange part,
                              Access access) noexcept {
    return os::unguard(base + part.offset, part.bytes, access, guards.method());
}

/// Changes the permissions of the pages between guards.
CoreResult<void> protect_parts(const verbs::Extent& extent, const InnerGuards& guards, Access from,
                               Access to) noexcept {
    Error lost{};
    const CoreResult<void> done = guards.for_all_parts(
        false, {0, extent.bytes},
        [&](ByteRange part) noexcept {
            return verbs::protect_part(extent.base + part.offset, part.bytes, from, to);
        },
        [&](ByteRange part) noexcept {
            lost = verbs::restore_part(extent.base + part.offset, part.bytes, from, to, lost);
        });
    return lost != Error{} ? std::unexpected(lost) : done;
}

/// Wraps a verb of the system: calls it for each part between guards. The range is checked already.
template <class Verb>
auto between(const InnerGuards* guards, const verbs::Extent& extent, Verb verb) noexcept {
    return [guards, start = extent.base, verb](std::byte* base,
                                               std::size_t bytes) noexcept -> CoreResult<void> {
        if (guards == nullptr) {
            return verb(base, bytes);
        }
        const ByteRange range{static_cast<std::size_t>(base - start), bytes};
        return guards->for_parts(false, range, [&](ByteRange part) noexcept {
            return verb(start + part.offset, part.bytes);
        });
    };
}

/// The guards that verbs of the system do not skip by themselves; null if they skip all.
const InnerGuards* apart(const InnerGuards* guards) noexcept {
    return are_all_markers(guards) ? nullptr : guards;
}

/// `os::advise` with this advice.
auto advising(Advice advice) noexcept {
    return [advice](std::byte* base, std::size_t bytes) noexcept {
        return os::advise(base, bytes, advice);
    };
}

}  // namespace

Result<GuardedMapping> GuardedMapping::map(std::size_t bytes, Access access,
                                           GuardOptions guards) noexcept {
    if (bytes == 0) {
        return invalid_argument();
    }
    const std::optional<std::size_t> size = round_up_to_pages(bytes);
    const std::optional<std::size_t> before = round_up_to_pages(guards.before);
    const std::optional<std::size_t> after = round_up_to_pages(guards.after);
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
    if (!size || !before || !after || *before > most - *size || *after > most - *size - *before) {
        return std::unexpected(Error::not_enough_memory);
    }
    const std::size_t all = *before + *size + *after;
    CoreResult<AddressSpace> space = AddressSpace::reserve(all, {});
    if (!space) {
        return std::unexpected(space.error());
    }
    if (const CoreResult<void> done = space->commit(*before, *size, access); !done) {
        return std::unexpected(done.error());
    }
    auto* const data = reinterpret_cast<std::uint8_t*>(space->data() + *before);
    space->forget();
    return GuardedMapping(data, *size, *before, *after);
}

void GuardedMapping::give_back() noexcept {
    if constexpr (borrows_counted) {
        check_not_borrowed("GuardedPages::~GuardedPages", data_);
    }
    os::forget_poison(bytes_at(data_, 0), size_);
    os::release(bytes_at(data_, 0) - before_, before_ + size_ + after_);
    os::destroy(inner_);
}

bool GuardedMapping::is_enforced(Access access) noexcept { return os::is_enforced(access); }

// -- guards ---------------------------------------------------------------------------------------

Result<void> GuardedMapping::guard(std::size_t offset, std::size_t bytes, Access access) noexcept {
    const verbs::Extent extent = extent_of(*this);
    const ByteRange range{offset, bytes};
    if (!are_whole_pages_of(extent, range)) {
        return invalid_argument();
    }
    if (bytes == 0) {
        return {};
    }
    if (inner_ == nullptr) {
        inner_ = os::create<InnerGuards>(size_);
    }
    if (inner_ == nullptr || !inner_->make_room(range)) {
        return std::unexpected(Error::not_enough_memory);
    }
    const CoreResult<void> done = inner_->for_all_parts(
        false, range,
        [&](ByteRange part) noexcept { return guard_part(extent.base, *inner_, part, access); },
        [&](ByteRange part) noexcept {
            if (!unguard_part(extent.base, *inner_, part, access)) {
                inner_->add(part);
            }
        });
    if (done) {
        inner_->add(range);
    }
    return done;
}

Result<void> GuardedMapping::unguard(std::size_t offset, std::size_t bytes,
                                     Access access) noexcept {
    const verbs::Extent extent = extent_of(*this);
    const ByteRange range{offset, bytes};
    if (!are_whole_pages_of(extent, range)) {
        return invalid_argument();
    }
    if (inner_ == nullptr) {
        return {};
    }
    const CoreResult<void> done = inner_->for_all_parts(
        true, range,
        [&](ByteRange part) noexcept { return unguard_part(extent.base, *inner_, part, access); },
        [&](ByteRange part) noexcept {
            if (!guard_part(extent.base, *inner_, part, access)) {
                inner_->remove(part);
            }
        });
    if (done) {
        inner_->remove(range);
    }
    return done;
}

bool GuardedMapping::is_guarded(std::size_t offset) const noexcept {
    return inner_ != nullptr && inner_->contains(offset);
}

// -- verbs on ranges ------------------------------------------------------------------------------

Result<void> GuardedMapping::protect(Access from, Access to) noexcept {
    if (verbs::is_no_change(from, to)) {
        return {};
    }
    const verbs::Extent extent = extent_of(*this);
    // Code is flushed on its way to executable pages, and guards cannot be flushed.
    if (inner_ == nullptr ||
        (are_all_markers(inner_) && (from == to || !allows(to, Access::exec)))) {
        return verbs::protect(extent.base, extent.bytes, from, to);
    }
    CoreResult<void> done = protect_parts(extent, *inner_, from, to);
    if (done && are_all_markers(inner_)) {
        // Also for the guards, so that their pages have the same permissions after `unguard`.
        done = os::protect(extent.base, extent.bytes, to);
        if (!done) {
            return std::unexpected(
                verbs::restore_part(extent.base, extent.bytes, from, to, done.error()));
        }
    }
    return done;
}

Result<void> GuardedMapping::populate(std::size_t offset, std::size_t bytes,
                                      Access access) const noexcept {
    if (!verbs::can_populate(access)) {
        return invalid_argument();
    }
    const verbs::Extent extent = extent_of(*this);
    const auto populate_part = [access](std::byte* base, std::size_t count) noexcept {
        return os::populate(base, count, access);
    };
    return verbs::on_touched_pages(extent, {offset, bytes}, between(inner_, extent, populate_part));
}

Result<void> GuardedMapping::collapse(std::size_t offset, std::size_t bytes) const noexcept {
    const verbs::Extent extent = extent_of(*this);
    const auto collapse_part = [this](std::byte* base, std::size_t count) noexcept {
        return inner_ == nullptr || holds_a_huge_page(base, count) ? os::collapse(base, count)
                                                                   : CoreResult<void>();
    };
    return verbs::on_touched_pages(extent, {offset, bytes}, between(inner_, extent, collapse_part));
}

Result<void> GuardedMapping::publish(std::size_t offset, std::size_t bytes, Publish code) noexcept {
    const verbs::Extent extent = extent_of(*this);
    const auto publish_part = [code](std::byte* base, std::size_t count) noexcept {
        return os::publish(base, count, code);
    };
    return verbs::on_bytes(extent, {offset, bytes}, between(inner_, extent, publish_part));
}

Result<void> GuardedMapping::zero(std::size_t offset, std::size_t bytes) noexcept {
    const verbs::Extent extent = extent_of(*this);
    return verbs::on_whole_units(extent, {offset, bytes}, between(inner_, extent, os::zero));
}

Result<void> GuardedMapping::advise(Advice advice, std::size_t offset,
                                    std::size_t bytes) const noexcept {
    const verbs::Extent extent = extent_of(*this);
    return verbs::on_touched_pages(extent, {offset, bytes},
                                   between(apart(inner_), extent, advising(advice)));
}

Result<void> GuardedMapping::decommit(std::size_t offset, std::size_t bytes) noexcept {
    const verbs::Extent extent = extent_of(*this);
    return verbs::on_whole_units(extent, {offset, bytes},
                                 between(apart(inner_), extent, os::decommit));
}

Result<void> GuardedMapping::discard(std::size_t offset, std::size_t bytes) noexcept {
    const verbs::Extent extent = extent_of(*this);
    return verbs::on_whole_units(extent, {offset, bytes},
                                 between(apart(inner_), extent, os::discard));
}

// Many ranges in one call if the system skips guards; else one call for each part.

Result<void> GuardedMapping::advise(Advice advice,
                                    std::span<const ByteRange> ranges) const noexcept {
    const verbs::Extent extent = extent_of(*this);
    if (are_all_markers(inner_)) {
        return verbs::advise(extent, ranges, advice);
    }
    return verbs::on_each_touched_pages(extent, ranges, between(inner_, extent, advising(advice)));
}

Result<void> GuardedMapping::decommit(std::span<const ByteRange> ranges) noexcept {
    const verbs::Extent extent = extent_of(*this);
    if (are_all_markers(inner_)) {
        return verbs::decommit(extent, ranges);
    }
    return verbs::on_each_whole_units(extent, ranges, between(inner_, extent, os::decommit));
}

Result<void> GuardedMapping::discard(std::span<const ByteRange> ranges) noexcept {
    const verbs::Extent extent = extent_of(*this);
    if (are_all_markers(inner_)) {
        return verbs::discard(extent, ranges);
    }
    return verbs::on_each_whole_units(extent, ranges, between(inner_, extent, os::discard));
}

}  // namespace memory_pages::detail
