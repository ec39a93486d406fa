// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Forbids system calls in this process for good: only for use in a child.

#include <cstdint>

namespace seccomp {

/// The calls: this number and, if `argument` is not negative, only with this masked value of that
/// argument.
struct Calls {
    long number;
    int argument = -1;
    std::uint32_t value = 0;
    std::uint32_t mask = 0xffffffff;
};

/// From now on these calls only return this errno. Earlier rules stay.
void refuse(const Calls& calls, int error);

/// The same for opening files, by any system call of the C library.
void refuse_opening(int error);

/// Whether this system supports it.
[[nodiscard]] bool is_available();

}  // namespace seccomp
