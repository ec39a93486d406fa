// SPDX-License-Identifier: MIT
// Guards on Windows: pages that are not committed.
#include <memory_pages/feature.hpp>
#include <memory_pages/guarded_pages.hpp>

#include "support/probe.hpp"
#include "support/windows_api.hpp"

#include <gtest/gtest.h>

#include <cstddef>

namespace memory_pages {
namespace {

using ReadWrite = GuardedPages<AllowRead, AllowWrite, DenyExec>;

std::size_t page() { return probe::page_size(); }

DWORD state_of(const void* address) {
    MEMORY_BASIC_INFORMATION region{};
    (void)::VirtualQuery(address, &region, sizeof region);
    return region.State;
}

TEST(GuardsOnWindows, TakeNoMemoryAndNoCharge) {
    ReadWrite pages(3 * page());
    pages.guard(page(), page());
    for (const std::size_t offset : {std::size_t{0} - 1, page(), 3 * page()}) {
        EXPECT_EQ(state_of(pages.data() + offset), static_cast<DWORD>(MEM_RESERVE));
    }
    pages.unguard(page(), page());
    EXPECT_EQ(state_of(pages.data() + page()), static_cast<DWORD>(MEM_COMMIT));
}

TEST(GuardsOnWindows, CanBeMany) {
    ASSERT_TRUE(is_supported(Feature::many_guards));
    constexpr std::size_t count = 20'000;  // Below Wine, each guard takes mappings.
    ReadWrite pages(2 * count * page());
    for (std::size_t i = 0; i < count; ++i) {
        ASSERT_TRUE(pages.try_guard(2 * i * page(), page()));
    }
    EXPECT_FALSE(probe::can_read(pages.data() + 2 * (count - 1) * page()));
    pages[(2 * count - 1) * page()] = 1;
}

}  // namespace
}  // namespace memory_pages
