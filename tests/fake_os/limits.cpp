// SPDX-License-Identifier: MIT
#include "os/limits.hpp"

#include "fake_os/refusals.hpp"
#include "os/memory.hpp"

#include <cstddef>
#include <optional>

#pragma GCC visibility push(hidden)

namespace memory_pages {

using namespace fake;

MemoryLimits os::memory_limits() noexcept {
    const Machine& machine = state().machine;
    return {
        .page_size = page_size(),
        .allocation_granularity = allocation_granularity(),
        .huge_page_sizes = {machine.huge_page_size},
        .overcommit = Overcommit::never,
        .committed = {.used = bytes_charged(), .most = machine.memory},
        .address_space = {.used = bytes_of_address_space(), .most = machine.address_space},
    };
}

std::optional<std::size_t> os::address_space_limit() noexcept {
    return state().machine.address_space_limit;
}

bool os::has_commit_limit() noexcept { return true; }

bool os::can_map_uncharged() noexcept { return true; }

}  // namespace memory_pages

#pragma GCC visibility pop
