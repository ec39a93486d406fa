// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Page functions that the files of Windows share. Source: Microsoft's reference of the memory
/// management functions.

#include "os/types.hpp"
#include "os/windows/api.hpp"

#include <array>
#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// Windows has no write-only pages: write access includes read access.
[[nodiscard]] inline DWORD native(Access access) noexcept {
    constexpr std::array<DWORD, 8> protections = {
        PAGE_NOACCESS,           // none
        PAGE_READONLY,           // read
        PAGE_READWRITE,          // write
        PAGE_READWRITE,          // read_write
        PAGE_EXECUTE,            // exec
        PAGE_EXECUTE_READ,       // read_exec
        PAGE_EXECUTE_READWRITE,  // write_exec
        PAGE_EXECUTE_READWRITE,  // read_write_exec
    };
    return protections[static_cast<std::size_t>(access)];
}

[[nodiscard]] inline std::byte* allocate(void* where, std::size_t bytes, DWORD type,
                                         DWORD protection) noexcept {
    return static_cast<std::byte*>(::VirtualAlloc(where, bytes, type, protection));
}

/// The run of pages in the same state from `base` on.
[[nodiscard]] inline MEMORY_BASIC_INFORMATION query(std::byte* base) noexcept {
    MEMORY_BASIC_INFORMATION region{};
    (void)::VirtualQuery(base, &region, sizeof region);
    return region;
}

/// Commits pages. Retries a refusal for a quarter of a second, since the page file may be growing.
[[nodiscard]] Result<void> commit_patiently(std::byte* base, std::size_t bytes,
                                            DWORD protection) noexcept;

/// Whether all of these pages are committed.
[[nodiscard]] bool is_in_reach(std::byte* base, std::size_t bytes) noexcept;

/// Decommits pages. Large pages are always resident, and are released only as a whole allocation
/// (Large-Page Support): a refusal for committed pages means that they are large.
[[nodiscard]] Result<void> take_away(std::byte* base, std::size_t bytes) noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
