// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Takes system calls away from this process, for good: only to be used in a child.

#include <cstdint>

namespace seccomp {

/// Which calls: this one, and if `argument` is not negative only where that argument, masked, is
/// this value.
struct Calls {
    long number;
    int argument = -1;
    std::uint32_t value = 0;
    std::uint32_t mask = 0xffffffff;
};

/// From now on these calls do nothing but answer with this errno. Earlier rules stay.
void refuse(const Calls& calls, int error);

/// The same for opening files, by whichever call the C library does it.
void refuse_opening(int error);

/// Whether this system can do that.
[[nodiscard]] bool is_available();

}  // namespace seccomp
