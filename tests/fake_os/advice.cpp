// SPDX-License-Identifier: MIT
#include "os/advice.hpp"

#include "fake_os/refusals.hpp"

#include <cstddef>
#include <span>

#pragma GCC visibility push(hidden)

namespace memory_pages {

using namespace fake;

os::Result<void> os::advise(std::byte* base, std::size_t bytes, Advice advice) noexcept {
    const KeepErrno keep;
    (void)pages_in_use(base, bytes, Verb::advise);
    return answer(enter({.verb = Verb::advise, .base = base, .bytes = bytes, .advice = advice}));
}

bool os::is_supported(Advice) noexcept { return true; }

os::Result<void> os::advise_all(std::span<const Range> ranges, Advice) noexcept {
    const KeepErrno keep;
    return for_all(Verb::advise_all, ranges, [](std::byte*, std::span<Page>) {});
}

}  // namespace memory_pages

#pragma GCC visibility pop
