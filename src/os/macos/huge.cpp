// SPDX-License-Identifier: MIT
#include "os/huge.hpp"
#include "os/shared.hpp"

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages {

// VM_FLAGS_SUPERPAGE_SIZE_2MB is for x86-64 alone, and cannot be protected page by page.
std::size_t os::huge_page_size() noexcept { return 0; }

std::size_t os::transparent_huge_page_size() noexcept { return 0; }

bool os::is_supported(HugePages policy) noexcept {
    return policy == HugePages::system || policy == HugePages::never;
}

os::Result<std::byte*> os::map_huge(std::size_t, std::size_t, Access) noexcept {
    return not_supported();
}

bool os::set_huge_pages(std::byte*, std::size_t, HugePages) noexcept { return true; }

os::Result<void> os::collapse(std::byte*, std::size_t) noexcept { return not_supported(); }

bool os::can_collapse() noexcept { return false; }

}  // namespace memory_pages

#pragma GCC visibility pop
