// SPDX-License-Identifier: MIT
// `collapse` when the kernel is using some of the pages: the madvise(2) of this program refuses
// MADV_COLLAPSE a given number of times.

#include <memory_pages/pages.hpp>

#include <sys/syscall.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <cerrno>
#include <cstddef>
#include <system_error>

namespace {

constexpr int collapse_advice = 25;  // MADV_COLLAPSE, newer than some systems' headers.

int refusals = 0;
int calls = 0;

}  // namespace

extern "C" int refusing_madvise(void* base, std::size_t bytes, int advice) __asm__("madvise");

extern "C" int refusing_madvise(void* base, std::size_t bytes, int advice) {
    if (advice != collapse_advice) {
        return static_cast<int>(::syscall(SYS_madvise, base, bytes, advice));
    }
    ++calls;
    if (refusals == 0) {
        return 0;
    }
    --refusals;
    errno = EAGAIN;
    return -1;
}

namespace {

using namespace memory_pages;

class Collapse : public testing::Test {
protected:
    /// The result after this many refusals.
    static std::error_code after(int times) {
        const Pages<AllowRead, AllowWrite, DenyExec> pages(1);
        calls = 0;
        refusals = times;
        const Result<void> done = pages.try_collapse();
        return done ? std::error_code() : done.error();
    }
};

TEST_F(Collapse, RetriesWhenPagesAreBrieflyInUse) {
    EXPECT_EQ(after(3), std::error_code());
    EXPECT_EQ(calls, 4);
}

TEST_F(Collapse, ReturnsWhenPagesStayInUse) {
    EXPECT_EQ(after(1000), std::errc::resource_unavailable_try_again);
    EXPECT_EQ(calls, 10);
}

}  // namespace
