// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Doing things in a forked child: those that end a process, and those that lower for good what it
/// may have.

#include <gtest/gtest.h>

#include <functional>

namespace child {

/// Runs `act` in a child. Expectations of GoogleTest inside it count, and print as usual.
[[nodiscard]] testing::AssertionResult passes(const std::function<void()>& act);

/// The signal that ends a child which runs `act`; 0 if it lives through that. No sanitizer is asked
/// for its opinion on the signal.
[[nodiscard]] int signal_of(const std::function<void()>& act);

}  // namespace child
