// SPDX-License-Identifier: MIT
// In a file of its own, so that a test on a fake machine can replace it.
#include "support/probe.hpp"

#include <unistd.h>

std::size_t probe::page_size() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }
