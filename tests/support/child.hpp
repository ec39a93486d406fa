// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Tests in a forked child, where they may lower for good what a process may have.

#include <gtest/gtest.h>

#include <functional>

namespace child {

/// Runs `act` in a child. Expectations of GoogleTest inside it count, and print as usual.
[[nodiscard]] testing::AssertionResult passes(const std::function<void()>& act);

}  // namespace child
