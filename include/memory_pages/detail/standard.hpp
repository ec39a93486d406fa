// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Reports a too old language or standard library in one line: a missing include ends the
/// compilation at once, while hundreds of errors would follow an `#error`.

#if __has_include(<version>)
#include <version>
#endif
#if !defined(__cpp_lib_expected)
#include <memory_pages needs C++23: GCC 12 or Clang 19 or later, -std=c++23, and std::expected>
#endif
