// SPDX-License-Identifier: MIT
// This system has no pages but those that were mapped or reserved on it.
#include "os/any.hpp"

#include "fake_os/refusals.hpp"
#include "os/memory.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

#pragma GCC visibility push(hidden)

namespace memory_pages {

using namespace fake;

namespace {

/// A verb that makes contents indeterminate.
os::Result<void> lose(Verb verb, std::byte* base, std::size_t bytes) {
    const std::span<Page> pages = pages_in_use(base, bytes, verb);
    const Refusal refusal = enter({.verb = verb, .base = base, .bytes = bytes});
    if (!refusal) {
        fill(base, pages, indeterminate);
    }
    return answer(refusal);
}

}  // namespace

os::Result<void> os::unmap_any(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    const Found area = area_of(base, bytes, Verb::unmap_any);
    const Refusal refusal = enter({.verb = Verb::unmap_any, .base = base, .bytes = bytes});
    if (!refusal) {
        remove(area, base, bytes);
    }
    return answer(refusal);
}

os::Result<std::byte*> os::resize_any(std::byte* base, std::size_t old_bytes, std::size_t new_bytes,
                                      bool may_move) noexcept {
    const KeepErrno keep;
    require_size(new_bytes, Verb::resize_any);
    const Refusal refusal = enter({.verb = Verb::resize_any, .base = base, .bytes = new_bytes});
    if (refusal) {
        return std::unexpected(*refusal);
    }
    if (new_bytes <= old_bytes) {
        const Found area = area_of(base, old_bytes, Verb::resize_any);
        if (new_bytes != old_bytes) {
            remove(area, base + new_bytes, old_bytes - new_bytes);
        }
        return base;
    }
    return may_move ? resize(base, old_bytes, new_bytes, 1)
                    : std::unexpected(Error::not_enough_memory);
}

os::Result<void> os::commit_any(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = pages_of(area_of(base, bytes, Verb::commit_any), base, bytes);
    const Refusal refusal =
        enter({.verb = Verb::commit_any, .base = base, .bytes = bytes, .access = access});
    if (refusal) {
        return answer(refusal);
    }
    for (std::size_t i = 0; i != pages.size(); ++i) {
        const bool is_new = !pages[i].is_in_use;
        set_access(base + i * page(), pages.subspan(i, 1), access);
        if (is_new) {
            fill(base + i * page(), pages.subspan(i, 1), std::byte{0});
        }
    }
    return {};
}

os::Result<void> os::uncommit_any(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    const Found area = area_of(base, bytes, Verb::uncommit_any);
    require(area->second.is_reservation, Verb::uncommit_any, "not a reservation");
    const Refusal refusal = enter({.verb = Verb::uncommit_any, .base = base, .bytes = bytes});
    if (!refusal) {
        std::ranges::fill(pages_of(area, base, bytes), Page{});
        retire_memory(base, bytes);
    }
    return answer(refusal);
}

os::Result<void> os::decommit_any(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    return lose(Verb::decommit_any, base, bytes);
}

os::Result<void> os::discard_any(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    return lose(Verb::discard_any, base, bytes);
}

os::Result<void> os::zero_any(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = writable_pages(base, bytes, Verb::zero_any);
    const Refusal refusal = enter({.verb = Verb::zero_any, .base = base, .bytes = bytes});
    if (!refusal) {
        fill(base, pages, std::byte{0});
    }
    return answer(refusal);
}

}  // namespace memory_pages

#pragma GCC visibility pop
