// SPDX-License-Identifier: MIT
#include "os/memory.hpp"

#include "fake_os/refusals.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#pragma GCC visibility push(hidden)

namespace memory_pages {

using namespace fake;

std::size_t os::page_size() noexcept { return state().machine.page_size; }

std::size_t os::allocation_granularity() noexcept {
    return std::max(state().machine.granularity, page_size());
}

os::Result<std::byte*> os::map(std::size_t bytes, std::size_t alignment, Access access,
                               Charge charge) noexcept {
    const KeepErrno keep;
    require_size(bytes, Verb::map);
    require_alignment(alignment, Verb::map);
    Refusal refusal = enter({.verb = Verb::map, .bytes = bytes, .access = access});
    if (!refusal) {
        refusal = lacks(bytes, charge == Charge::charged ? bytes : 0);
    }
    if (refusal) {
        return std::unexpected(*refusal);
    }
    std::byte* const base = add_area(
        bytes, alignment, {false, charge, std::vector<Page>(bytes / page_size(), {true, access})});
    set_hardware(base, bytes, access);
    return base;
}

void os::unmap(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    const Found area = whole_area_of(base, bytes, false, Verb::unmap);
    note({.verb = Verb::unmap, .base = base, .bytes = bytes});
    if (area->second.is_huge) {
        state().machine.huge_pages += bytes / state().machine.huge_page_size;
    }
    remove(area, base, bytes);
}

os::Result<void> os::note_split(std::byte* base, bool is_part) noexcept {
    const Found area = area_of(base, page_size(), Verb::unmap_part);
    require(!area->second.is_reservation, Verb::unmap_part, "not a mapping");
    require(is_part == (area->second.parts > 1), Verb::unmap_part, "a part, or not");
    ++area->second.parts;
    return {};
}

void os::note_join(std::byte* base, bool is_part) noexcept {
    const Found area = area_of(base, page_size(), Verb::unmap_part);
    --area->second.parts;
    require(is_part == (area->second.parts > 1), Verb::unmap_part, "a part, or not");
}

void os::unmap_part(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    std::ranges::fill(pages_in_use(base, bytes, Verb::unmap_part), Page{});
    const Found area = area_of(base, bytes, Verb::unmap_part);
    require(!area->second.is_reservation, Verb::unmap_part, "not a mapping");
    const bool is_last = std::ranges::none_of(area->second.pages, &Page::is_in_use);
    require(is_last == (--area->second.parts == 0), Verb::unmap_part, "not as many parts");
    note({.verb = Verb::unmap_part, .base = base, .bytes = bytes});
    if (area->second.is_huge) {
        state().machine.huge_pages += bytes / state().machine.huge_page_size;
    }
    if (is_last) {
        remove(area, area->first, area->second.bytes());
    } else {
        retire_memory(base, bytes);
    }
}

void os::unmap_all(std::span<Range> mappings) noexcept {
    for (const Range& mapping : mappings) {
        unmap(mapping.base, mapping.bytes);
    }
}

os::Result<std::byte*> os::resize(std::byte* base, std::size_t old_bytes, std::size_t new_bytes,
                                  std::size_t alignment) noexcept {
    const KeepErrno keep;
    const Found area = whole_area_of(base, old_bytes, false, Verb::resize);
    require(!area->second.is_huge, Verb::resize, "required huge pages are not resized");
    require_size(new_bytes, Verb::resize);
    require_alignment(alignment, Verb::resize);
    Refusal refusal = enter({.verb = Verb::resize, .base = base, .bytes = new_bytes});
    const std::size_t added = new_bytes > old_bytes ? new_bytes - old_bytes : 0;
    if (!refusal && !state().machine.can_resize) {
        refusal = not_supported();
    }
    if (!refusal) {
        refusal = lacks(added, area->second.charge == Charge::charged ? added : 0);
    }
    if (refusal) {
        return std::unexpected(*refusal);
    }
    Area resized = area->second;
    resized.pages.resize(new_bytes / page_size(), resized.pages.back());
    const std::span old_pages(area->second.pages);
    std::byte* const moved = add_area(new_bytes, alignment, std::move(resized));
    with_access(base, old_pages, [&] {
        with_access(moved, state().areas.at(moved).pages,
                    [&] { std::memcpy(moved, base, std::min(old_bytes, new_bytes)); });
    });
    remove(area, base, old_bytes);
    return moved;
}

os::Result<void> os::protect(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = pages_in_use(base, bytes, Verb::protect);
    return change_access(
        base, pages, access,
        enter({.verb = Verb::protect, .base = base, .bytes = bytes, .access = access}));
}

bool os::is_enforced(Access access) noexcept {
    return allows(access, Access::read) || access == Access::none;
}

bool os::may_map(Access) noexcept { return true; }

bool os::may_become(Access, Access) noexcept { return true; }

}  // namespace memory_pages

#pragma GCC visibility pop
