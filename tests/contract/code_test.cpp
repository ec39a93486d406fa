// SPDX-License-Identifier: MIT
#include "contract/contract.hpp"

#include "os/code.hpp"
#include "os/contents.hpp"
#include "os/memory.hpp"
#include "support/machine_code.hpp"
#include "support/probe.hpp"

#include <memory_pages/feature.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace {

using namespace contract;

using OsCode = OsContract;

TEST_F(OsCode, KeepsBytesWhenMadeExecutable) {
    for (const Access from :
         {Access::read_write, Access::write, Access::read, Access::none, Access::read_write_exec}) {
        if (!can_be_set(from)) {
            continue;
        }
        const Mapped mapped(2 * page());
        fill(mapped.base(), mapped.bytes(), 5);
        ASSERT_TRUE(os::protect(mapped.base(), mapped.bytes(), from));
        ASSERT_TRUE(os::make_executable(mapped.base(), mapped.bytes(), from, Access::read_exec));
        EXPECT_FALSE(probe::can_write(mapped.base()));
        EXPECT_TRUE(all_are(mapped.base(), mapped.bytes(), 5));
    }
}

TEST_F(OsCode, PublishesWriteExecPages) {
    if (!is_supported(Feature::write_exec)) {
        GTEST_SKIP() << "no pages are writable and executable at once here";
    }
    const Mapped mapped(2 * page(), Access::read_write_exec);
    os::begin_writing();
    fill(mapped.base(), mapped.bytes(), 5);
    os::end_writing();
    EXPECT_EQ(os::publish(mapped.base() + 3, page(), Publish::may_have_run).has_value(),
              is_supported(Feature::publishing));
    EXPECT_TRUE(os::publish(mapped.base() + 3, page(), Publish::not_yet_run));
    EXPECT_TRUE(all_are(mapped.base(), mapped.bytes(), 5));
    ASSERT_TRUE(os::make_executable(mapped.base(), mapped.bytes(), Access::read_write_exec,
                                    Access::read_exec));
    EXPECT_FALSE(probe::can_write(mapped.base()));
    EXPECT_TRUE(all_are(mapped.base(), mapped.bytes(), 5));
}

using CodeMemory = OsMemory;

TEST_F(CodeMemory, RunsOnceExecutable) {
    const machine_code::Code code = machine_code::add();
    const Mapped mapped(page());
    std::byte* const function = mapped.base() + 64;  // Sanitizers read the bytes before it.
    std::memcpy(function, code.data(), code.size());
    ASSERT_TRUE(os::make_executable(mapped.base(), page(), Access::read_write, Access::read_exec));
    using Add = std::uint64_t(std::uint64_t, std::uint64_t);
    EXPECT_EQ(reinterpret_cast<Add*>(function)(43, 34), 77U);
}

}  // namespace
