// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Pages with code: writing it, making it executable, and publishing it to every thread.

#include "os/types.hpp"

#include <memory_pages/writing_code.hpp>

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// `protect` for pages with code: from access `from` (`none` if it is not known) to `to`, which
/// allows execution. On return every thread that synchronizes with this one runs the code. On
/// failure a part of the range may have changed.
[[nodiscard]] Result<void> make_executable(std::byte* base, std::size_t bytes, Access from,
                                           Access to) noexcept;

/// The same for pages that are writable and executable, and stay so. Needs no alignment. `code`:
/// whether other threads must fetch it again.
[[nodiscard]] Result<void> publish(std::byte* base, std::size_t bytes, Publish code) noexcept;

/// Called before and after the calling thread writes to pages that are writable and executable:
/// some systems let a thread either write to such pages or execute them. Pairs do not nest, and
/// between them the thread must not execute code in such pages. Does nothing on other systems.
void begin_writing() noexcept;
void end_writing() noexcept;

/// Whether `publish` can reach every thread.
[[nodiscard]] bool can_publish() noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
