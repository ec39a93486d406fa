// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The Windows API without the macros that get in the way. Only for Windows files.

#undef NOMINMAX  // Some standard libraries define it, too.
#define NOMINMAX
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
