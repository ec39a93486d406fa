// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Tests in a forked child, which may lower the limits of its process for good.

#include <gtest/gtest.h>

#include <functional>

namespace child {

/// Runs `act` in a child. GoogleTest expectations in it count, and print as usual.
[[nodiscard]] testing::AssertionResult passes(const std::function<void()>& act);

}  // namespace child
