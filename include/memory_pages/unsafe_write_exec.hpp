// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The second gate: including this header allows pages that are writable and executable at once.
///
/// An attacker who can write to such pages can run any code. Prefer `set_protected_exec` and
/// `allow_write_no_exec`, which never give both rights at once. Call `publish` after changing code
/// in such pages. Some systems refuse them (Linux: SELinux, `PR_SET_MDWE`). On arm64 macOS only
/// `write`, `write_at`, `zero`, and stores within a `WritingCode` can write to them.

#include <memory_pages/exec.hpp>

namespace memory_pages::detail {

template <>
struct WriteExecGate<AllowExec> {};

}  // namespace memory_pages::detail
