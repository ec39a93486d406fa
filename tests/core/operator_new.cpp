// SPDX-License-Identifier: MIT
// Code that the core must not contain.
#include <new>

void* fresh() { return ::operator new(1, std::nothrow); }
