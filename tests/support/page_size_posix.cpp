// SPDX-License-Identifier: MIT
// Alone, so that a test on a fake machine may put its own pages in its place.
#include "support/probe.hpp"

#include <unistd.h>

std::size_t probe::page_size() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }
