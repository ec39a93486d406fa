// SPDX-License-Identifier: MIT
#include "os/code.hpp"

#include "fake_os/refusals.hpp"

#include <cstddef>
#include <span>

#pragma GCC visibility push(hidden)

namespace memory_pages {

using namespace fake;

os::Result<void> os::make_executable(std::byte* base, std::size_t bytes, Access from,
                                     Access to) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = unguarded_pages(base, bytes, Verb::make_executable);
    require(allows(to, Access::exec), Verb::make_executable, "not to executable pages");
    require(from == Access::none || is_all(base, bytes, from), Verb::make_executable,
            "the old access is another");
    return change_access(
        base, pages, to,
        enter({.verb = Verb::make_executable, .base = base, .bytes = bytes, .access = to}));
}

os::Result<void> os::publish(std::byte* base, std::size_t bytes, Publish code) noexcept {
    const KeepErrno keep;
    require(bytes != 0 && fake::find(base, bytes).has_value(), Verb::publish,
            "not within one mapping or reservation");
    const std::optional<Access> access = access_at(base);
    require(access && allows(*access, Access::write_exec), Verb::publish,
            "the pages are not writable and executable");
    for (std::size_t i = 0; i < bytes; ++i) {
        require(!is_marked(base + i), Verb::publish, "a guard");
    }
    return answer(enter({.verb = Verb::publish, .base = base, .bytes = bytes, .code = code}));
}

void os::begin_writing() noexcept {
    require(!state().is_writing, Verb::publish, "begin_writing does not nest");
    state().is_writing = true;
    ++state().times_begun;
}

void os::end_writing() noexcept {
    require(state().is_writing, Verb::publish, "end_writing without begin_writing");
    state().is_writing = false;
}

bool os::can_publish() noexcept { return true; }

}  // namespace memory_pages

#pragma GCC visibility pop
