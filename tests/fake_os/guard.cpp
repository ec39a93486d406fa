// SPDX-License-Identifier: MIT
#include "os/guard.hpp"

#include "fake_os/refusals.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

#pragma GCC visibility push(hidden)

namespace memory_pages {

using namespace fake;

os::Result<os::GuardMethod> os::guard(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = unguarded_pages(base, bytes, Verb::guard);
    require(area_of(base, bytes, Verb::guard)->second.is_reservation, Verb::guard,
            "not a reservation");
    require(is_all(base, bytes, access), Verb::guard, "the access is another");
    if (const Refusal refusal =
            enter({.verb = Verb::guard, .base = base, .bytes = bytes, .access = access})) {
        if (*refusal != os::Error::map_count_limit) {
            fill(base, pages, indeterminate);
        }
        return std::unexpected(*refusal);
    }
    if (!state().machine.has_guard_markers) {
        std::ranges::fill(pages, Page{});
        retire_memory(base, bytes);
        return GuardMethod::inaccessible_page;
    }
    fill(base, pages, indeterminate);
    for (Page& each : pages) {
        each.is_guard = true;
    }
    set_hardware(base, std::span<const Page>(pages));
    return GuardMethod::page_table_marker;
}

os::Result<void> os::unguard(std::byte* base, std::size_t bytes, Access access,
                             GuardMethod method) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = pages_of(area_of(base, bytes, Verb::unguard), base, bytes);
    for (const Page& each : pages) {
        require(each.is_guard != !each.is_in_use, Verb::unguard, "not a guard");
        require(
            method == GuardMethod::inaccessible_page || (each.is_guard && each.access == access),
            Verb::unguard, "made in another way, or for another access");
    }
    const Refusal refusal =
        enter({.verb = Verb::unguard, .base = base, .bytes = bytes, .access = access});
    if (!refusal) {
        std::ranges::fill(pages, Page{true, access});
        set_hardware(base, std::span<const Page>(pages));
        fill(base, pages, indeterminate);
    }
    return answer(refusal);
}

bool os::can_make_many_guards() noexcept { return state().machine.has_guard_markers; }

}  // namespace memory_pages

#pragma GCC visibility pop
