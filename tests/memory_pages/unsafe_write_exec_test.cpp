// SPDX-License-Identifier: MIT
#include <memory_pages/unsafe_write_exec.hpp>

#include "support/machine_code.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>

namespace memory_pages {
namespace {

using WriteExec = Pages<AllowRead, AllowWrite, AllowExec>;

TEST(WriteExec, PagesAreWritableAndExecutable) {
    WriteExec pages(1);
    EXPECT_EQ(probe::permissions(pages.data()), "rwx");
    pages.write_at(0, machine_code::constant(7));
    pages.publish();
    EXPECT_EQ(pages.get_fn<std::uint32_t()>()(), 7U);
}

TEST(WriteExec, IsReachedByBothGates) {
    WriteExec from_writable = Pages<AllowRead, AllowWrite, DenyExec>(1).allow_exec();
    EXPECT_EQ(probe::permissions(from_writable.data()), "rwx");
    WriteExec from_executable = Pages<AllowRead, DenyWrite, AllowExec>(1).allow_write();
    EXPECT_EQ(probe::permissions(from_executable.data()), "rwx");
}

TEST(WriteExec, CanGiveUpOneRight) {
    WriteExec pages(1);
    pages.write_at(0, machine_code::constant(7));
    const auto code = std::move(pages).deny_write();
    EXPECT_EQ(probe::permissions(code.data()), "r-x");
    EXPECT_EQ(code.get_fn<std::uint32_t()>()(), 7U);
}

}  // namespace
}  // namespace memory_pages
