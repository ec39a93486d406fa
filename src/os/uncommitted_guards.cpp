// SPDX-License-Identifier: MIT
// Guards inside pages where a system knows no marks for them: pages that are not committed. Never
// Windows' PAGE_GUARD, which is gone after the first touch.
#include "os.hpp"

#pragma GCC visibility push(hidden)

namespace memory_pages {

Result<os::Guards> os::guard(std::byte* base, std::size_t bytes, Access /*unused*/) noexcept {
    if (const Result<void> done = uncommit(base, bytes); !done) {
        return std::unexpected(done.error());
    }
    return Guards::pages_apart;
}

Result<void> os::unguard(std::byte* base, std::size_t bytes, Access access,
                         Guards /*unused*/) noexcept {
    return commit(base, bytes, access);
}

}  // namespace memory_pages

#pragma GCC visibility pop
