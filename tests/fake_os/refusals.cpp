// SPDX-License-Identifier: MIT
#include "fake_os/refusals.hpp"

#include <algorithm>

#pragma GCC visibility push(hidden)

namespace fake {
namespace {

/// The error of the core for this code.
os::Error error_of(const std::error_code& code) {
    const os::Error base = code.category() == memory_pages::page_error_category()
                               ? os::Error::first_page_error
                               : os::Error{};
    return os::Error{static_cast<int>(base) + code.value()};
}

}  // namespace

void note(const Call& call) { state().calls.push_back(call); }

Refusal enter(const Call& call) {
    note(call);
    State& s = state();
    if (!s.failure || s.failure->times == 0 || (s.failure->verb && *s.failure->verb != call.verb)) {
        return std::nullopt;
    }
    if (s.failure->nth > 1) {
        --s.failure->nth;
        return std::nullopt;
    }
    --s.failure->times;
    s.failure->is_halfway = s.failure->is_halfway && !s.failed;
    s.failed = call.verb;
    return error_of(s.failure->error);
}

os::Error not_supported() { return os::Error::operation_not_supported; }

Refusal lacks(std::size_t address_space, std::size_t charge) {
    const Machine& machine = state().machine;
    const std::size_t space_used = bytes_of_address_space();
    const std::size_t memory_used = bytes_charged();
    if (address_space > machine.address_space - std::min(space_used, machine.address_space)) {
        return os::Error::address_space_limit;
    }
    if (charge > machine.memory - std::min(memory_used, machine.memory)) {
        return os::Error::commit_limit;
    }
    return std::nullopt;
}

memory_pages::os::Result<void> answer(Refusal refusal) {
    if (refusal) {
        return std::unexpected(*refusal);
    }
    return {};
}

memory_pages::os::Result<void> change_access(std::byte* base, std::span<Page> pages, Access access,
                                             Refusal refusal) {
    if (!refusal) {
        set_access(base, pages, access);
    } else if (state().failure->is_halfway) {
        set_access(base, pages.first((pages.size() + 1) / 2), access);
    }
    return answer(refusal);
}

}  // namespace fake

#pragma GCC visibility pop
