// SPDX-License-Identifier: MIT
#include "contract/contract.hpp"

#include "os/advice.hpp"
#include "os/huge.hpp"
#include "os/limits.hpp"
#include "os/memory.hpp"
#include "support/enumerators.hpp"

#include <memory_pages/feature.hpp>

#include <gtest/gtest.h>

namespace {

using namespace contract;

using OsQuestions = OsContract;

TEST_F(OsQuestions, HaveTheSameAnswerTwice) {
    for (const Feature feature : enumerators::every<Feature>) {
        EXPECT_EQ(is_supported(feature), is_supported(feature));
    }
    for (const HugePages policy : enumerators::every<HugePages>) {
        EXPECT_EQ(os::is_supported(policy), os::is_supported(policy));
    }
    for (const Advice advice : enumerators::every<Advice>) {
        EXPECT_EQ(os::is_supported(advice), os::is_supported(advice));
    }
    for (const Access access : every_access) {
        EXPECT_EQ(os::is_enforced(access), os::is_enforced(access));
    }
    EXPECT_EQ(os::address_space_limit(), os::address_space_limit());
    EXPECT_EQ(os::memory_limits().page_size, page());
}

}  // namespace
