// SPDX-License-Identifier: MIT
#include "support/last_error.hpp"

#include <cerrno>

int last_error::get() { return errno; }

void last_error::set(int error) { errno = error; }
