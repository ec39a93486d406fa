// SPDX-License-Identifier: MIT
// The promises of the macOS files, on a fake machine.

#include "fake_darwin.hpp"

#include <gtest/gtest.h>

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    fake_darwin::boot(fake_darwin::x86_64);
    return RUN_ALL_TESTS();
}
