// SPDX-License-Identifier: MIT
#include "os/huge.hpp"

#include "fake_os/refusals.hpp"
#include "os/memory.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#pragma GCC visibility push(hidden)

namespace memory_pages {

using namespace fake;

std::size_t os::huge_page_size() noexcept { return state().machine.huge_page_size; }

std::size_t os::transparent_huge_page_size() noexcept {
    return state().machine.builds_huge_pages ? huge_page_size() : 0;
}

bool os::is_supported(HugePages policy) noexcept {
    switch (policy) {
        case HugePages::prefer:
            return transparent_huge_page_size() != 0;
        case HugePages::require:
            return state().machine.huge_pages != 0;
        default:
            return true;
    }
}

os::Result<std::byte*> os::map_huge(std::size_t bytes, std::size_t alignment,
                                    Access access) noexcept {
    const KeepErrno keep;
    require_size(bytes, Verb::map_huge);
    require_alignment(alignment, Verb::map_huge);
    Refusal refusal = enter({.verb = Verb::map_huge, .bytes = bytes, .access = access});
    Machine& machine = state().machine;
    if (!refusal && machine.huge_page_size == 0) {
        refusal = not_supported();
    }
    if (!refusal) {
        require(bytes % machine.huge_page_size == 0, Verb::map_huge, "not whole huge pages");
        if (bytes / machine.huge_page_size > machine.huge_pages) {
            refusal = os::Error::huge_page_limit;
        }
    }
    if (refusal) {
        return std::unexpected(*refusal);
    }
    machine.huge_pages -= bytes / machine.huge_page_size;
    std::byte* const base = add_area(
        bytes, std::max(alignment, machine.huge_page_size),
        {false, Charge::charged, std::vector<Page>(bytes / page_size(), {true, access}), true});
    set_hardware(base, bytes, access);
    return base;
}

bool os::set_huge_pages(std::byte* base, std::size_t bytes, HugePages policy) noexcept {
    const KeepErrno keep;
    require(policy == HugePages::prefer || policy == HugePages::never, Verb::set_huge_pages,
            "neither prefer nor never");
    (void)pages_in_use(base, bytes, Verb::set_huge_pages);
    const Call call{.verb = Verb::set_huge_pages, .base = base, .bytes = bytes, .policy = policy};
    if (state().failure && state().failure->verb == Verb::set_huge_pages) {
        return !enter(call);
    }
    note(call);
    return true;
}

os::Result<void> os::collapse(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    (void)unguarded_pages(base, bytes, Verb::collapse);
    Refusal refusal = enter({.verb = Verb::collapse, .base = base, .bytes = bytes});
    if (!refusal && transparent_huge_page_size() == 0) {
        refusal = not_supported();
    }
    return answer(refusal);
}

bool os::can_collapse() noexcept { return transparent_huge_page_size() != 0; }

}  // namespace memory_pages

#pragma GCC visibility pop
