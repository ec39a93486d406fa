// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Which mappings of files are memory to the Linux kernel.

#include "os/linux/kernel_files/maps.hpp"

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// The kind of this mapping's file, for `kind_of`. An error if the query fails for lack of
/// resources.
[[nodiscard]] Result<MemoryFile> memory_file_of(const Mapping& mapping) noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
