// SPDX-License-Identifier: MIT
// The other verbs are in os/uncommitted_guards.cpp.
#include "os/guard.hpp"

#pragma GCC visibility push(hidden)

namespace memory_pages {

bool os::can_make_many_guards() noexcept { return true; }

}  // namespace memory_pages

#pragma GCC visibility pop
