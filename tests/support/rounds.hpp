// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Attempts that another thread, such as a sanitizer's, can spoil: it may map pages where a test
/// has just freed some.

namespace rounds {

/// Whether one of a few attempts succeeds. Each frees its own addresses.
template <class Attempt>
[[nodiscard]] bool one_succeeds(const Attempt& attempt) {
    constexpr int most = 16;
    for (int round = 0; round < most; ++round) {
        if (attempt()) {
            return true;
        }
    }
    return false;
}

}  // namespace rounds
