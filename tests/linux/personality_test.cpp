// SPDX-License-Identifier: MIT
// A process may make all readable memory executable: personality(2).

#include "support/child.hpp"
#include "support/probe.hpp"
#include "support/seccomp.hpp"

#include <memory_pages/exec.hpp>
#include <memory_pages/memory_pages.hpp>

#include <sys/personality.h>
#include <sys/syscall.h>

#include <gtest/gtest.h>

#include <cerrno>
#include <utility>

namespace {

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using ReadOnly = Pages<AllowRead, DenyWrite, DenyExec>;
using Code = Pages<AllowRead, DenyWrite, AllowExec>;
using NoAccess = Pages<DenyRead, DenyWrite, DenyExec>;

constexpr unsigned long only_ask = 0xffffffff;

TEST(Personality, MakesReadablePagesExecutable) {
    EXPECT_TRUE(child::passes([] {
        EXPECT_TRUE(ReadWrite::is_enforced());
        const int before = ::personality(only_ask);
        ASSERT_NE(before, -1);
        ASSERT_NE(::personality(static_cast<unsigned long>(before) | READ_IMPLIES_EXEC), -1);
        EXPECT_FALSE(ReadWrite::is_enforced());
        EXPECT_FALSE(ReadOnly::is_enforced());
        EXPECT_TRUE(Code::is_enforced()) << "writing is denied, and nothing else";
        EXPECT_TRUE(NoAccess::is_enforced());
        ASSERT_NE(::personality(static_cast<unsigned long>(before)), -1);
        EXPECT_TRUE(ReadWrite::is_enforced()) << "it is asked each time";
    }));
}

TEST(Personality, IsNotAssumedWhenUnknown) {
    if (!seccomp::is_available()) {
        GTEST_SKIP() << "this system has no seccomp filters";
    }
    EXPECT_TRUE(child::passes([] {
        seccomp::refuse({.number = SYS_personality}, EPERM);
        EXPECT_FALSE(ReadWrite::is_enforced());
        EXPECT_TRUE(Code::is_enforced());
    }));
}

}  // namespace
