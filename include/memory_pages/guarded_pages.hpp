// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Pages with guards around them and, where asked for, inside: touching a guard faults.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/guarded_mapping.hpp>
#include <memory_pages/pages.hpp>

namespace memory_pages {

/// Pages between two guards: as `Pages`, but whoever runs past their ends faults at once, and
/// nobody's memory is there to be read or overwritten. As far as `GuardOptions` say, a page on each
/// side if they say nothing. The guards are address space, and cost no memory.
///
/// `guard` and `unguard` make guards of pages inside, and pages of these: between the stacks or the
/// slabs of a pool, say. Where the system can mark pages these cost no mapping, so that there may
/// be a million (`Feature::many_guards`); only on the way to executable pages each costs two for a
/// moment, since what is around it changes part by part. Whoever touches all bytes (`bytes()`, a
/// range-for, `write`) touches the guards inside too.
///
/// What only a mapping of their own can do (`resize`, `release`, `adopt`, `split_at`) they cannot.
/// On systems where no pages become writable and executable (`Feature::becoming_write_exec`), there
/// are no such guarded ones.
///
/// Linux: `mmap(2)` PROT_NONE and `mprotect(2)` of the middle. Windows: MEM_RESERVE, and MEM_COMMIT
/// of the middle; never PAGE_GUARD, which is gone after the first touch.
template <ReadPermission R, WritePermission W, ExecPermission E>
using GuardedPages = BasicPages<detail::GuardedMapping, R, W, E>;

}  // namespace memory_pages
