// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Tells GCC that attributes of the `clang::` namespace are meant: it ignores them without a
/// warning from here on. Clang checks them (`-Wconsumed`, lifetimes).

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored_attributes "clang::"
#endif
