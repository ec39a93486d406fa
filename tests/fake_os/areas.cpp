// SPDX-License-Identifier: MIT
#include "fake_os/areas.hpp"

#include "support/probe.hpp"
#include "support/system_calls.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#pragma GCC visibility push(hidden)

namespace fake {
namespace {

bool protects_for_real() { return page() % probe::page_size() == 0; }

void must(bool holds) {
    if (!holds) {
        std::fputs("fake_os: the real system refuses\n", stderr);
        std::abort();
    }
}

/// Zeroed memory at a multiple of `alignment`, but not of twice that, with nothing around it.
std::byte* take_memory(std::size_t bytes, std::size_t alignment) {
    const std::size_t total = bytes + 3 * alignment;
    void* const base = system_calls::reserve(total);
    must(base != nullptr && (protects_for_real() || system_calls::allow(base, total, true, true)));
    state().backings.push_back({base, total});
    const auto address = reinterpret_cast<std::uintptr_t>(base) + alignment;
    const std::uintptr_t even = (address + 2 * alignment - 1) / (2 * alignment) * (2 * alignment);
    const std::uintptr_t odd = even - alignment >= address ? even - alignment : even + alignment;
    return static_cast<std::byte*>(base) + (odd - reinterpret_cast<std::uintptr_t>(base));
}

}  // namespace

void set_hardware(std::byte* base, std::size_t bytes, Access access) {
    if (protects_for_real()) {
        // Writable or executable pages are readable, as on most processors.
        const bool is_readable = access != Access::none;
        const bool is_writable = allows(access, Access::write);
        must(system_calls::allow(base, bytes, is_readable, is_writable));
    }
}

bool take_memory_at(std::byte* where, std::size_t bytes) {
    for (const Backing& backing : state().backings) {
        auto* const first = static_cast<std::byte*>(backing.base);
        if (where >= first && bytes <= backing.bytes && where <= first + (backing.bytes - bytes)) {
            return true;  // Reserved by us, and empty: the caller has checked.
        }
    }
    if (!system_calls::reserve_at(where, bytes)) {
        return false;
    }
    must(protects_for_real() || system_calls::allow(where, bytes, true, true));
    state().backings.push_back({where, bytes});
    return true;
}

void retire_memory(std::byte* base, std::size_t bytes) {
    const std::size_t real_page = probe::page_size();
    const std::size_t head = std::min(bytes, -reinterpret_cast<std::uintptr_t>(base) % real_page);
    const std::size_t whole = (bytes - head) / real_page * real_page;
    if (whole != 0) {
        must(system_calls::retire(base + head, whole) &&
             (protects_for_real() || system_calls::allow(base + head, whole, true, true)));
    }
    const int value = std::to_integer<int>(indeterminate);
    std::memset(base, value, head);
    std::memset(base + head + whole, value, bytes - head - whole);
}

std::optional<Found> find(const std::byte* base, std::size_t bytes) {
    auto& areas = state().areas;
    auto found = areas.upper_bound(const_cast<std::byte*>(base));
    if (found == areas.begin()) {
        return std::nullopt;
    }
    --found;
    const auto offset = static_cast<std::size_t>(base - found->first);
    if (offset >= found->second.bytes() || bytes > found->second.bytes() - offset) {
        return std::nullopt;
    }
    return found;
}

bool is_any_area_in(const std::byte* base, std::size_t bytes) {
    const auto next = state().areas.lower_bound(const_cast<std::byte*>(base));
    return find(base, 1).has_value() || (next != state().areas.end() && next->first < base + bytes);
}

const Page* page_at(const void* address) {
    const auto* const byte = static_cast<const std::byte*>(address);
    const std::optional<Found> found = find(byte, 1);
    return found
               ? &(*found)->second.pages[static_cast<std::size_t>(byte - (*found)->first) / page()]
               : nullptr;
}

std::span<Page> pages_of(Found area, const std::byte* base, std::size_t bytes) {
    return std::span(area->second.pages)
        .subspan(static_cast<std::size_t>(base - area->first) / page(), bytes / page());
}

void require_size(std::size_t bytes, Verb verb) {
    require(bytes != 0, verb, "no pages");
    require(bytes % page() == 0, verb, "not whole pages");
}

void require_alignment(std::size_t alignment, Verb verb) {
    require(std::has_single_bit(alignment), verb, "the alignment is no power of two");
}

Found area_of(std::byte* base, std::size_t bytes, Verb verb) {
    require_size(bytes, verb);
    require(reinterpret_cast<std::uintptr_t>(base) % page() == 0, verb, "not at a page");
    const std::optional<Found> found = find(base, bytes);
    require(found.has_value(), verb, "not within one mapping or reservation");
    const std::size_t unit = state().machine.huge_page_size;
    require(!(*found)->second.is_huge || verb == Verb::advise || verb == Verb::populate ||
                verb == Verb::collapse ||
                (reinterpret_cast<std::uintptr_t>(base) % unit == 0 && bytes % unit == 0),
            verb, "not whole huge pages");
    return *found;
}

Found whole_area_of(std::byte* base, std::size_t bytes, bool is_reservation, Verb verb) {
    const Found area = area_of(base, bytes, verb);
    require(area->first == base && area->second.bytes() == bytes, verb, "only a part");
    require(area->second.is_reservation == is_reservation, verb,
            is_reservation ? "not a reservation" : "not a mapping");
    return area;
}

std::span<Page> pages_in_use(std::byte* base, std::size_t bytes, Verb verb) {
    const std::span<Page> pages = pages_of(area_of(base, bytes, verb), base, bytes);
    require(std::ranges::all_of(pages, &Page::is_in_use), verb, "nothing is committed there");
    return pages;
}

std::span<Page> unguarded_pages(std::byte* base, std::size_t bytes, Verb verb) {
    const std::span<Page> pages = pages_in_use(base, bytes, verb);
    require(std::ranges::none_of(pages, &Page::is_guard), verb, "a guard");
    return pages;
}

std::span<Page> writable_pages(std::byte* base, std::size_t bytes, Verb verb) {
    const std::span<Page> pages = unguarded_pages(base, bytes, verb);
    require(
        std::ranges::all_of(pages, [](const Page& p) { return allows(p.access, Access::write); }),
        verb, "the pages are not writable");
    return pages;
}

bool is_all_readable(const std::byte* base, std::size_t bytes) {
    for (std::size_t i = 0; i != bytes; i += page()) {
        const Page* const each = page_at(base + i);
        if (each == nullptr || !allows(each->allowed(), Access::read)) {
            return false;
        }
    }
    return true;
}

std::span<Page> reserved_pages(std::byte* base, std::size_t bytes, Verb verb) {
    const std::span<Page> pages = pages_of(area_of(base, bytes, verb), base, bytes);
    require(std::ranges::none_of(pages, &Page::is_in_use), verb, "committed already");
    return pages;
}

std::byte* add_area(std::size_t bytes, std::size_t alignment, Area area) {
    std::byte* const base =
        take_memory(bytes, std::max({alignment, page(), state().machine.granularity}));
    state().areas.emplace(base, std::move(area));
    return base;
}

void remove(Found area, std::byte* base, std::size_t bytes) {
    const auto first =
        static_cast<std::ptrdiff_t>(static_cast<std::size_t>(base - area->first) / page());
    const auto last = first + static_cast<std::ptrdiff_t>(bytes / page());
    Area behind = area->second;
    behind.pages.erase(behind.pages.begin(), behind.pages.begin() + last);
    if (!behind.pages.empty()) {
        state().areas.emplace(base + bytes, std::move(behind));
    }
    auto& before = area->second.pages;
    before.erase(before.begin() + first, before.end());
    if (before.empty()) {
        state().areas.erase(area);
    }
    retire_memory(base, bytes);
}

void set_hardware(std::byte* base, std::span<const Page> pages) {
    for (std::size_t i = 0; i < pages.size();) {
        const auto differs = [&](const Page& other) {
            return other.allowed() != pages[i].allowed();
        };
        const auto rest = pages.subspan(i);
        const auto run =
            static_cast<std::size_t>(std::ranges::find_if(rest, differs) - rest.begin());
        set_hardware(base + i * page(), run * page(), pages[i].allowed());
        i += run;
    }
}

void set_access(std::byte* base, std::span<Page> pages, Access access) {
    for (Page& each : pages) {
        each = {true, access, each.is_guard};
    }
    set_hardware(base, pages);
}

void fill(std::byte* base, std::span<Page> pages, std::byte value) {
    with_access(base, pages,
                [&] { std::memset(base, std::to_integer<int>(value), pages.size() * page()); });
}

bool is_marked(const void* address) {
    const Page* const there = page_at(address);
    return there != nullptr && there->is_guard;
}

std::optional<Access> access_at(const void* address) {
    const Page* const there = page_at(address);
    return there != nullptr && there->is_in_use ? std::optional(there->access) : std::nullopt;
}

bool is_all(const void* base, std::size_t bytes, Access access) {
    for (std::size_t offset = 0; offset < bytes; offset += page()) {
        if (access_at(static_cast<const std::byte*>(base) + offset) != access) {
            return false;
        }
    }
    return true;
}

}  // namespace fake

#pragma GCC visibility pop
