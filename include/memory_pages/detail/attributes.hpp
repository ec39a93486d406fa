// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Tells GCC to ignore attributes of the `clang::` namespace without a warning from here on. Clang
/// checks them (`-Wconsumed`, lifetimes).

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored_attributes "clang::"
#endif
