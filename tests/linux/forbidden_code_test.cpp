// SPDX-License-Identifier: MIT
// A process that forbids new code to itself: PR_SET_MDWE (Linux 6.3), or a seccomp filter.

#include "support/child.hpp"
#include "support/probe.hpp"
#include "support/seccomp.hpp"

#include <memory_pages/exec.hpp>
#include <memory_pages/memory_pages.hpp>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <utility>

namespace {

using namespace memory_pages;

/// After `forbid`, pages do not become executable, and is_supported says so.
void expect_no_code_after(const std::function<bool()>& forbid) {
    EXPECT_TRUE(child::passes([&forbid] {
        EXPECT_TRUE(is_supported(Feature::becoming_exec));
        if (!forbid()) {
            return;  // An older kernel.
        }
        EXPECT_FALSE(is_supported(Feature::becoming_exec));
        EXPECT_FALSE(is_supported(Feature::becoming_write_exec));
        Pages<AllowRead, AllowWrite, DenyExec> pages(probe::page_size());
        pages[0] = 5;
        auto refused = std::move(pages).try_set_protected_exec();
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().error, std::errc::permission_denied);
        EXPECT_EQ(refused.error().pages[0], 5);
    }));
}

TEST(ForbiddenCode, IsNoFeature) {
    constexpr int set_mdwe = 65;  // Newer than the C library's headers.
    constexpr unsigned long refuse_exec_gain = 1;
    expect_no_code_after([] { return ::prctl(set_mdwe, refuse_exec_gain, 0, 0, 0) == 0; });
}

TEST(ForbiddenCode, IsNoFeatureWhenAFilterForbidsIt) {
    if (!seccomp::is_available()) {
        GTEST_SKIP() << "this system has no seccomp filters";
    }
    expect_no_code_after([] {
        seccomp::refuse(
            {.number = SYS_mprotect, .argument = 2, .value = PROT_EXEC, .mask = PROT_EXEC}, EACCES);
        return true;
    });
}

}  // namespace
