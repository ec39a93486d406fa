// SPDX-License-Identifier: MIT
#include "os/contents.hpp"

#include "fake_os/refusals.hpp"

#include <cstddef>
#include <cstring>
#include <span>

#pragma GCC visibility push(hidden)

namespace memory_pages {

using namespace fake;

os::Result<void> os::decommit(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = pages_in_use(base, bytes, Verb::decommit);
    const Refusal refusal = enter({.verb = Verb::decommit, .base = base, .bytes = bytes});
    if (!refusal) {
        fill(base, pages, indeterminate);
    }
    return answer(refusal);
}

os::Result<void> os::decommit_all(std::span<const Range> ranges) noexcept {
    const KeepErrno keep;
    return for_all(Verb::decommit_all, ranges, [](std::byte* base, std::span<Page> pages) {
        fill(base, pages, indeterminate);
    });
}

os::Result<void> os::discard(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = pages_in_use(base, bytes, Verb::discard);
    const Refusal refusal = enter({.verb = Verb::discard, .base = base, .bytes = bytes});
    if (!refusal) {
        fill(base, pages, indeterminate);
    }
    return answer(refusal);
}

os::Result<void> os::discard_all(std::span<const Range> ranges) noexcept {
    const KeepErrno keep;
    return for_all(Verb::discard_all, ranges, [](std::byte* base, std::span<Page> pages) {
        fill(base, pages, indeterminate);
    });
}

os::Result<void> os::zero(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = writable_pages(base, bytes, Verb::zero);
    const Refusal refusal = enter({.verb = Verb::zero, .base = base, .bytes = bytes});
    if (!refusal) {
        fill(base, pages, std::byte{0});
    }
    return answer(refusal);
}

void os::clear(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = writable_pages(base, bytes, Verb::clear);
    note({.verb = Verb::clear, .base = base, .bytes = bytes});
    fill(base, pages, std::byte{0});
}

os::Result<void> os::populate(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepErrno keep;
    (void)unguarded_pages(base, bytes, Verb::populate);
    require(is_all(base, bytes, access), Verb::populate, "the access is another");
    require(allows(access, Access::read) || allows(access, Access::write), Verb::populate,
            "the pages may be neither read nor written");
    return answer(enter({.verb = Verb::populate, .base = base, .bytes = bytes, .access = access}));
}

void os::copy(std::byte* to, const std::byte* from, std::size_t bytes) noexcept {
    const KeepErrno keep;
    note({.verb = Verb::copy, .base = to, .bytes = bytes});
    require(is_all_readable(from, bytes), Verb::copy, "the pages are not readable");
    (void)writable_pages(to, bytes, Verb::copy);
    std::memcpy(to, from, bytes);
}

}  // namespace memory_pages

#pragma GCC visibility pop
