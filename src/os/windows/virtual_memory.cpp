// SPDX-License-Identifier: MIT
#include "os/windows/virtual_memory.hpp"
#include "os/shared.hpp"
#include "os/windows/calls.hpp"

#pragma GCC visibility push(hidden)

namespace memory_pages {

os::Result<void> os::commit_patiently(std::byte* base, std::size_t bytes,
                                      DWORD protection) noexcept {
    constexpr DWORD longest_pause = 128;  // Milliseconds: 1, 2, 4, ...
    for (DWORD pause = 1;; pause *= 2) {
        if (allocate(base, bytes, MEM_COMMIT, protection) != nullptr) {
            return {};
        }
        const DWORD error = ::GetLastError();
        if (!may_pass(error) || pause > longest_pause) {
            return refused(error);
        }
        ::Sleep(pause);
    }
}

bool os::is_in_reach(std::byte* base, std::size_t bytes) noexcept {
    const MEMORY_BASIC_INFORMATION region = query(base);
    return region.State == MEM_COMMIT && region.RegionSize >= bytes;
}

os::Result<void> os::take_away(std::byte* base, std::size_t bytes) noexcept {
    if (::VirtualFree(base, bytes, MEM_DECOMMIT)) {
        return {};
    }
    const DWORD error = ::GetLastError();
    const bool is_wrong_place = error == ERROR_INVALID_ADDRESS || error == ERROR_INVALID_PARAMETER;
    return is_wrong_place && is_in_reach(base, bytes) ? not_supported() : refused(error);
}

}  // namespace memory_pages

#pragma GCC visibility pop
