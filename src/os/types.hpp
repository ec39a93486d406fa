// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Types of the contract with an operating system. The contract covers every system call of the
/// library, as neutral verbs: a header for each subject (`os/<subject>.hpp`), which a system
/// defines in `os/<system>/<subject>.cpp`, and `tests/fake_os/` for tests.
///
/// Preconditions of every verb: `base` is page-aligned, sizes are positive whole pages and do not
/// overflow, alignments are powers of two (1: any page). Callers check; nothing here does.
///
/// A range of `protect`, `decommit`, ... lies within one mapping or one reservation made here.
/// Every verb keeps `errno` (or the last error), since destructors and allocators call verbs; only
/// a refused `map` may change it, as `malloc` does. A refusal is an `Error` with the same meaning
/// on every system: `not_enough_memory`, or the code of the setting that caused it.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/core_error.hpp>

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

using detail::Error;
using memory_pages::Access;

/// Hides the user's `Result`: a value, or a plain error.
template <class T>
using Result = detail::CoreResult<T>;

/// Whether mapped pages count against the system's commit limit.
enum class Charge { charged, uncharged };

/// Whole pages.
struct Range {
    std::byte* base;
    std::size_t bytes;
};

}  // namespace memory_pages::os

#pragma GCC visibility pop
