// SPDX-License-Identifier: MIT
#include "contract/contract.hpp"

#include "os/huge.hpp"
#include "os/memory.hpp"

#include <memory_pages/feature.hpp>

#include <gtest/gtest.h>

#include <cstddef>

namespace {

using namespace contract;

using OsCollapse = OsContract;
using OsHugePages = OsContract;

TEST_F(OsHugePages, AreMappedOrRefused) {
    const std::size_t unit = os::huge_page_size() == 0 ? page() : os::huge_page_size();
    for (const std::size_t alignment : {unit, 2 * unit}) {
        const os::Result<std::byte*> base =
            mapped_by(os::map_huge, unit, alignment, Access::read_write);
        if (!base) {
            EXPECT_TRUE(base.error() == os::Error::huge_page_limit ||
                        is_not_supported(base.error()))
                << base.error();
            continue;
        }
        EXPECT_TRUE(is_multiple(*base, alignment));
        EXPECT_TRUE(all_are(*base, unit, 0));
        fill(*base, unit, 1);
        os::unmap(*base, unit);
    }
}

// Pitfall: collapse-refused
TEST_F(OsCollapse, KeepsBytesAndSaysWhetherItIsSupported) {
    const std::size_t unit =
        os::transparent_huge_page_size() == 0 ? page() : os::transparent_huge_page_size();
    const Mapped mapped(unit, Access::read_write, unit);
    os::set_huge_pages(mapped.base(), unit, HugePages::prefer);
    fill(mapped.base(), unit, 5);
    const os::Result<void> done = os::collapse(mapped.base(), unit);
    EXPECT_TRUE(done || is_supported(Feature::collapsing) == !is_not_supported(done.error()));
    os::set_huge_pages(mapped.base(), unit, HugePages::never);
    EXPECT_TRUE(all_are(mapped.base(), unit, 5));
}

}  // namespace
