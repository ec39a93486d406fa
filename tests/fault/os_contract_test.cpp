// SPDX-License-Identifier: MIT
// The fake system keeps the contract too; otherwise it would prove nothing.

#include "fake_os/fake_os.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

int main(int argc, char** argv) {
    // The fake system has neither memory nor threads.
    GTEST_FLAG_SET(filter, "-*Memory.*:OsThreadValue.*:OsWait.*");
    testing::InitGoogleTest(&argc, argv);
    fake::boot({.page_size = probe::page_size(), .granularity = probe::page_size()});
    return RUN_ALL_TESTS();
}
