// SPDX-License-Identifier: MIT
#include <memory_pages/detail/check.hpp>
#include <memory_pages/detail/huge_unit.hpp>
#include <memory_pages/huge_pages.hpp>

#include "os/huge.hpp"

#include <atomic>
#include <cstddef>

namespace memory_pages {
namespace {

constinit std::atomic<HugePages> the_default{HugePages::prefer};

}  // namespace

std::size_t detail::preferred_huge_page_size() noexcept {
    constexpr std::size_t most = std::size_t{32} << 20;
    const std::size_t bytes = os::transparent_huge_page_size();
    return bytes <= most ? bytes : 0;
}

bool is_supported(HugePages policy) noexcept {
    return os::is_supported(policy) &&
           (policy != HugePages::prefer || detail::preferred_huge_page_size() != 0);
}

HugePages default_huge_pages() noexcept { return the_default.load(std::memory_order_relaxed); }

void set_default_huge_pages(HugePages policy) noexcept {
    detail::check(policy != HugePages::require, "set_default_huge_pages",
                  "required huge pages cannot be the default");
    the_default.store(policy, std::memory_order_relaxed);
}

}  // namespace memory_pages
