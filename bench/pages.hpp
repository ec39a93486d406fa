// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What is measured of the library, by the names used here.

#include <memory_pages/memory_pages.hpp>

using Writable =
    memory_pages::Pages<memory_pages::AllowRead, memory_pages::AllowWrite, memory_pages::DenyExec>;
