// SPDX-License-Identifier: MIT
// Guards inside pages on systems without page-table markers: pages that are not committed. Not
// PAGE_GUARD of Windows, which the first touch removes.
#include "os/guard.hpp"
#include "os/reserve.hpp"

#pragma GCC visibility push(hidden)

namespace memory_pages {

os::Result<os::GuardMethod> os::guard(std::byte* base, std::size_t bytes,
                                      Access /*unused*/) noexcept {
    if (const os::Result<void> done = uncommit(base, bytes); !done) {
        return std::unexpected(done.error());
    }
    return GuardMethod::inaccessible_page;
}

os::Result<void> os::unguard(std::byte* base, std::size_t bytes, Access access,
                             GuardMethod /*unused*/) noexcept {
    return commit(base, bytes, access);
}

}  // namespace memory_pages

#pragma GCC visibility pop
