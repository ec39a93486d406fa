// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// For programs that write code on macOS: the switch of each thread, and synchronizing all threads.

#include "os/types.hpp"

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// While one exists, the thread may write to all writable pages.
class Writing {
public:
    Writing() noexcept;
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;
    ~Writing();

private:
    bool before_;
};

/// Makes every other thread execute an instruction barrier before this returns.
[[nodiscard]] Result<void> synchronize_threads() noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
