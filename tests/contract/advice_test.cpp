// SPDX-License-Identifier: MIT
#include "contract/contract.hpp"

#include "os/advice.hpp"
#include "support/enumerators.hpp"

#include <gtest/gtest.h>

#include <array>

namespace {

using namespace contract;

using OsAdvise = OsContract;

TEST_F(OsAdvise, KeepsBytesOfManyRanges) {
    const Mapped mapped(7 * page());
    fill(mapped.base(), mapped.bytes(), 5);
    const std::array ranges = {os::Range{mapped.base() + 5 * page(), page()},
                               os::Range{mapped.base() + page(), 2 * page()}};
    for (const Advice advice : enumerators::every<Advice>) {
        EXPECT_TRUE(os::advise_all(ranges, advice));
    }
    EXPECT_TRUE(all_are(mapped.base(), mapped.bytes(), 5));
}

}  // namespace
