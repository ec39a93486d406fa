// SPDX-License-Identifier: MIT
// The fake system keeps the contract too, or it would prove nothing.

#include "../os_contract_test.cpp"  // NOLINT

#include "fake_os.hpp"

int main(int argc, char** argv) {
    GTEST_FLAG_SET(filter, "-OsMemory.*:OsThreads.*");  // It has neither memory nor threads.
    testing::InitGoogleTest(&argc, argv);
    fake::boot({.page_size = probe::page_size(), .granularity = probe::page_size()});
    return RUN_ALL_TESTS();
}
