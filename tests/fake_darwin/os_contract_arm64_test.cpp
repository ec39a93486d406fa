// SPDX-License-Identifier: MIT
// What macOS' own file promises, on a fake machine.

#include "../os_contract_test.cpp"  // NOLINT

#include "fake_darwin.hpp"

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    fake_darwin::boot(fake_darwin::arm64);
    return RUN_ALL_TESTS();
}
