// SPDX-License-Identifier: MIT
#include "os/query.hpp"

#include "fake_os/refusals.hpp"
#include "os/memory.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#pragma GCC visibility push(hidden)

namespace memory_pages {

using namespace fake;

class detail::Walk {
public:
    std::uintptr_t at = 0;
};

os::Result<detail::Walk*> os::start_walk() noexcept {
    const KeepErrno keep;
    if (const Refusal refusal = enter({.verb = Verb::start_walk})) {
        return std::unexpected(*refusal);
    }
    ++state().walks;
    return new detail::Walk;
}

namespace {

/// The first run of equal pages that ends behind an address.
os::RegionInfo region_behind(std::uintptr_t address) {
    for (const auto& [base, area] : state().areas) {
        for (std::size_t i = 0, next = 0; i != area.pages.size(); i = next) {
            const Page& first = area.pages[i];
            while (next != area.pages.size() && area.pages[next].is_in_use == first.is_in_use &&
                   area.pages[next].access == first.access) {
                ++next;
            }
            const auto start = reinterpret_cast<std::uintptr_t>(base) + i * os::page_size();
            const std::size_t bytes = (next - i) * os::page_size();
            if (start + bytes > address) {
                return {start, bytes, first.access,
                        first.is_in_use ? RegionKind::anonymous : RegionKind::reserved,
                        first.is_in_use ? "[fake]" : ""};
            }
        }
    }
    return {};
}

}  // namespace

os::Result<os::RegionInfo> os::region_from(detail::Walk& walk, std::uintptr_t address) noexcept {
    const KeepErrno keep;
    require(address >= walk.at, Verb::region_from, "not forwards");
    if (const Refusal refusal = enter({.verb = Verb::region_from})) {
        return std::unexpected(*refusal);
    }
    walk.at = address;
    return region_behind(address);
}

os::Result<os::RegionInfo> os::region_at(std::uintptr_t address, std::span<char> name) noexcept {
    const KeepErrno keep;
    if (const Refusal refusal = enter({.verb = Verb::region_at})) {
        return std::unexpected(*refusal);
    }
    RegionInfo region = region_behind(address);
    region.name = moved_into(name, region.name);
    return region;
}

void os::end_walk(detail::Walk* walk) noexcept {
    require(walk != nullptr && state().walks != 0, Verb::start_walk, "none to end");
    --state().walks;
    delete walk;
}

os::Result<std::size_t> os::resident_bytes(const std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    require_size(bytes, Verb::resident);
    const auto are_resident = std::make_unique<bool[]>(bytes / page_size());
    const std::span<bool> pages(are_resident.get(), bytes / page_size());
    if (const os::Result<void> done = resident_pages(base, pages); !done) {
        return std::unexpected(done.error());
    }
    return static_cast<std::size_t>(std::ranges::count(pages, true)) * page_size();
}

// All pages in use are resident.
os::Result<void> os::resident_pages(const std::byte* base, std::span<bool> pages) noexcept {
    const KeepErrno keep;
    require(reinterpret_cast<std::uintptr_t>(base) % page_size() == 0 && !pages.empty(),
            Verb::resident, "not whole pages");
    const Refusal refusal = enter({.verb = Verb::resident, .bytes = pages.size() * page_size()});
    for (std::size_t i = 0; !refusal && i != pages.size(); ++i) {
        pages[i] = access_at(base + i * page_size()).has_value();
    }
    return answer(refusal);
}

}  // namespace memory_pages

#pragma GCC visibility pop
