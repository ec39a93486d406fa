// SPDX-License-Identifier: MIT
#include <memory_pages/page_size.hpp>

#include "os/huge.hpp"
#include "os/memory.hpp"

#include <limits>

namespace memory_pages {

std::size_t page_size() noexcept { return os::page_size(); }

std::size_t allocation_granularity() noexcept { return os::allocation_granularity(); }

std::size_t huge_page_size() noexcept { return os::huge_page_size(); }

std::size_t round_down_to_pages(std::size_t bytes) noexcept { return bytes & ~(page_size() - 1); }

std::optional<std::size_t> round_up_to_pages(std::size_t bytes) noexcept {
    const std::size_t rest = page_size() - 1;
    if (bytes > std::numeric_limits<std::size_t>::max() - rest) {
        return std::nullopt;
    }
    return round_down_to_pages(bytes + rest);
}

}  // namespace memory_pages
