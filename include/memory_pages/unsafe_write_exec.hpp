// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The louder gate: including this header allows pages that are writable and executable at once.
///
/// Whoever can write such pages can run anything. Prefer `set_protected_exec` and
/// `allow_write_no_exec`, which never have both rights at a time. After changing code here, call
/// `publish`. Some systems refuse such pages (Linux: SELinux, `PR_SET_MDWE`). On arm64 macOS they
/// can be written by `write`, `write_at` and `zero` only.

#include <memory_pages/exec.hpp>

namespace memory_pages::detail {

template <>
struct WriteExecGate<AllowExec> {};

}  // namespace memory_pages::detail
