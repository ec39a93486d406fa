// SPDX-License-Identifier: MIT
#include "fake_os/state.hpp"

#include "support/system_calls.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#pragma GCC visibility push(hidden)

namespace fake {

State& state() {
    static auto* const the_state = new State;
    return *the_state;
}

std::size_t page() { return state().machine.page_size; }

std::size_t Area::bytes() const { return pages.size() * page(); }

[[noreturn]] void stop(Verb verb, const char* what) {
    std::fprintf(stderr, "fake_os: %s: %s\n", name_of(verb), what);
    std::abort();
}

void require(bool holds, Verb verb, const char* what) {
    if (!holds) {
        stop(verb, what);
    }
}

const char* name_of(Verb verb) noexcept {
    switch (verb) {
        case Verb::map:
            return "map";
        case Verb::map_huge:
            return "map_huge";
        case Verb::unmap:
            return "unmap";
        case Verb::unmap_part:
            return "unmap_part";
        case Verb::resize:
            return "resize";
        case Verb::protect:
            return "protect";
        case Verb::make_executable:
            return "make_executable";
        case Verb::publish:
            return "publish";
        case Verb::decommit:
            return "decommit";
        case Verb::discard:
            return "discard";
        case Verb::zero:
            return "zero";
        case Verb::clear:
            return "clear";
        case Verb::populate:
            return "populate";
        case Verb::copy:
            return "copy";
        case Verb::set_huge_pages:
            return "set_huge_pages";
        case Verb::collapse:
            return "collapse";
        case Verb::advise:
            return "advise";
        case Verb::decommit_all:
            return "decommit_all";
        case Verb::discard_all:
            return "discard_all";
        case Verb::advise_all:
            return "advise_all";
        case Verb::reserve:
            return "reserve";
        case Verb::reserve_at:
            return "reserve_at";
        case Verb::release:
            return "release";
        case Verb::commit:
            return "commit";
        case Verb::uncommit:
            return "uncommit";
        case Verb::move:
            return "move";
        case Verb::guard:
            return "guard";
        case Verb::unguard:
            return "unguard";
        case Verb::start_walk:
            return "start_walk";
        case Verb::region_from:
            return "region_from";
        case Verb::region_at:
            return "region_at";
        case Verb::resident:
            return "resident";
        case Verb::unmap_any:
            return "unmap_any";
        case Verb::resize_any:
            return "resize_any";
        case Verb::commit_any:
            return "commit_any";
        case Verb::uncommit_any:
            return "uncommit_any";
        case Verb::decommit_any:
            return "decommit_any";
        case Verb::discard_any:
            return "discard_any";
        case Verb::zero_any:
            return "zero_any";
    }
    return "?";
}

void boot(const Machine& machine) {
    for (const Backing& backing : state().backings) {
        system_calls::unmap(backing.base, backing.bytes);
    }
    // The value of the only thread stays from test to test.
    state() = State{.machine = machine, .thread_value = state().thread_value};
}

Machine& machine() { return state().machine; }

void fail(const Failure& failure) {
    state().failure = failure;
    state().failed.reset();
}

std::optional<Verb> stop_failing() {
    state().failure.reset();
    return std::exchange(state().failed, std::nullopt);
}

void fail_allocation(std::size_t nth) { state().allocations_left = nth; }

bool stop_failing_allocation() { return std::exchange(state().allocations_left, 0) == 0; }

const std::vector<Call>& calls() { return state().calls; }

std::size_t count_of(Verb verb) {
    return static_cast<std::size_t>(std::ranges::count(state().calls, verb, &Call::verb));
}

void forget_calls() { state().calls.clear(); }

bool is_writing() { return state().is_writing; }

std::size_t times_begun_to_write() { return state().times_begun; }

std::size_t areas_left() { return state().areas.size(); }

std::size_t walks_left() { return state().walks; }

std::size_t bytes_of_address_space() {
    std::size_t bytes = 0;
    for (const auto& [base, area] : state().areas) {
        bytes += area.bytes();
    }
    return bytes;
}

std::size_t bytes_in_use() {
    std::size_t pages = 0;
    for (const auto& [base, area] : state().areas) {
        pages += static_cast<std::size_t>(std::ranges::count(area.pages, true, &Page::is_in_use));
    }
    return pages * page();
}

std::size_t bytes_charged() {
    std::size_t pages = 0;
    for (const auto& [base, area] : state().areas) {
        if (area.charge == Charge::charged) {
            pages +=
                static_cast<std::size_t>(std::ranges::count(area.pages, true, &Page::is_in_use));
        }
    }
    return pages * page();
}

}  // namespace fake

#pragma GCC visibility pop
