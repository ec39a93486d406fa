// SPDX-License-Identifier: MIT
#include "os/reserve.hpp"

#include "fake_os/refusals.hpp"
#include "os/memory.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#pragma GCC visibility push(hidden)

namespace memory_pages {

using namespace fake;

os::Result<std::byte*> os::reserve(std::size_t bytes, std::size_t alignment) noexcept {
    const KeepErrno keep;
    require_size(bytes, Verb::reserve);
    require_alignment(alignment, Verb::reserve);
    Refusal refusal = enter({.verb = Verb::reserve, .bytes = bytes});
    if (!refusal) {
        refusal = lacks(bytes, 0);
    }
    if (refusal) {
        return std::unexpected(*refusal);
    }
    return add_area(bytes, alignment,
                    {true, Charge::charged, std::vector<Page>(bytes / page_size())});
}

os::Result<std::byte*> os::reserve_at(std::byte* where, std::size_t bytes) noexcept {
    const KeepErrno keep;
    require_size(bytes, Verb::reserve_at);
    require(
        where != nullptr && reinterpret_cast<std::uintptr_t>(where) % allocation_granularity() == 0,
        Verb::reserve_at, "not at the granularity");
    Refusal refusal = enter({.verb = Verb::reserve_at, .base = where, .bytes = bytes});
    if (!refusal) {
        refusal = lacks(bytes, 0);
    }
    if (!refusal && (is_any_area_in(where, bytes) || !take_memory_at(where, bytes))) {
        refusal = os::Error::address_in_use;
    }
    if (refusal) {
        return std::unexpected(*refusal);
    }
    state().areas.emplace(
        where, Area{true, Charge::charged, std::vector<Page>(bytes / page_size()), false});
    return where;
}

void os::release(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    const Found area = whole_area_of(base, bytes, true, Verb::release);
    note({.verb = Verb::release, .base = base, .bytes = bytes});
    remove(area, base, bytes);
}

os::Result<void> os::commit(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = reserved_pages(base, bytes, Verb::commit);
    Refusal refusal = enter({.verb = Verb::commit, .base = base, .bytes = bytes, .access = access});
    if (!refusal) {
        refusal = lacks(0, bytes);
    }
    if (!refusal) {
        set_access(base, pages, access);
        fill(base, pages, std::byte{0});
    }
    return answer(refusal);
}

os::Result<void> os::uncommit(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = pages_in_use(base, bytes, Verb::uncommit);
    require(area_of(base, bytes, Verb::uncommit)->second.is_reservation, Verb::uncommit,
            "not a reservation");
    const Refusal refusal = enter({.verb = Verb::uncommit, .base = base, .bytes = bytes});
    if (!refusal) {
        std::ranges::fill(pages, Page{});
        retire_memory(base, bytes);
    }
    return answer(refusal);
}

os::Result<void> os::move(std::byte* from, std::size_t bytes, std::byte* to) noexcept {
    const KeepErrno keep;
    const std::span<Page> source = unguarded_pages(from, bytes, Verb::move);
    const std::span<Page> target = reserved_pages(to, bytes, Verb::move);
    const Found source_area = area_of(from, bytes, Verb::move);
    const Found target_area = area_of(to, bytes, Verb::move);
    require(source_area->second.is_reservation && target_area->second.is_reservation, Verb::move,
            "not from reservation to reservation");
    require(source_area != target_area, Verb::move, "within one reservation");
    const std::span<Page> behind = writable_pages(to + bytes, page(), Verb::move);
    Refusal refusal = enter({.verb = Verb::move, .base = from, .bytes = bytes});
    if (!refusal && !state().machine.can_move) {
        refusal = not_supported();
    }
    if (refusal) {
        if (*refusal != not_supported()) {
            remove(target_area, to, bytes + page());
        }
        return std::unexpected(*refusal);
    }
    fill(to + bytes, behind, std::byte{0});
    std::ranges::copy(source, target.begin());
    with_access(from, source,
                [&] { with_access(to, target, [&] { std::memcpy(to, from, bytes); }); });
    remove(source_area, from, bytes);
    return {};
}

bool os::can_move() noexcept { return state().machine.can_move; }

void os::reservation_to_mapping(std::byte* base, std::size_t bytes, std::size_t kept) noexcept {
    const KeepErrno keep;
    const Found area = whole_area_of(base, bytes, true, Verb::release);
    (void)pages_in_use(base, kept, Verb::release);
    area->second.is_reservation = false;
    if (kept != bytes) {
        (void)reserved_pages(base + kept, bytes - kept, Verb::release);
        note({.verb = Verb::release, .base = base + kept, .bytes = bytes - kept});
        remove(area, base + kept, bytes - kept);
    }
}

void os::mapping_to_reservation(std::byte* base, std::size_t bytes) noexcept {
    const Found area = whole_area_of(base, bytes, false, Verb::release);
    require(!area->second.is_huge && area->second.parts == 1, Verb::release,
            "required huge pages, or a part");
    area->second.is_reservation = true;
}

}  // namespace memory_pages

#pragma GCC visibility pop
