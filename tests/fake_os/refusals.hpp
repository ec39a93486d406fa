// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Counts calls, and refuses them if a test says so or the machine is too small.

#include "fake_os/areas.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <system_error>

#pragma GCC visibility push(hidden)

namespace fake {

using Refusal = std::optional<memory_pages::os::Error>;

void note(const Call& call);

/// Counts a call. Returns its error if it is to be refused.
[[nodiscard]] Refusal enter(const Call& call);

[[nodiscard]] memory_pages::os::Error not_supported();

/// The error for a request for more than the machine has.
[[nodiscard]] Refusal lacks(std::size_t address_space, std::size_t charge);

[[nodiscard]] memory_pages::os::Result<void> answer(Refusal refusal);

/// `protect`, and the change of access of `make_executable`.
[[nodiscard]] memory_pages::os::Result<void> change_access(std::byte* base, std::span<Page> pages,
                                                           Access access, Refusal refusal);

/// A verb for many ranges: calls `act` for the pages of each.
template <class Act>
memory_pages::os::Result<void> for_all(Verb verb, std::span<const memory_pages::os::Range> ranges,
                                       Act act) {
    require(!ranges.empty(), verb, "no ranges");
    Call call{.verb = verb, .base = ranges.front().base, .ranges = ranges.size()};
    for (const auto& [base, bytes] : ranges) {
        (void)pages_in_use(base, bytes, verb);
        call.bytes += bytes;
    }
    const Refusal refusal = enter(call);
    if (refusal) {
        ranges = ranges.first(state().failure->is_halfway ? ranges.size() / 2 : 0);
    }
    for (const auto& [base, bytes] : ranges) {
        act(base, pages_in_use(base, bytes, verb));
    }
    return answer(refusal);
}

}  // namespace fake

#pragma GCC visibility pop
