// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What macOS asks of a program that writes code: a switch for each thread, and that every thread
/// sees what is new.

#include "os.hpp"

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// While this lives, the thread may write whatever is writable.
class Writing {
public:
    Writing() noexcept;
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;
    ~Writing();

private:
    bool before_;
};

/// Every other thread passes an instruction barrier before this returns.
[[nodiscard]] Result<void> synchronize_threads() noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
