// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Pages with guards around them and, on request, inside. Touching a guard faults.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/attributes.hpp>
#include <memory_pages/detail/check.hpp>
#include <memory_pages/detail/guarded_mapping.hpp>
#include <memory_pages/detail/refusal.hpp>
#include <memory_pages/detail/rooms.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/pages.hpp>

#include <cstddef>

namespace memory_pages {

/// Members that only `GuardedPages` have: guards inside.
template <ReadPermission R, WritePermission W, ExecPermission E>
class [[clang::consumable(unknown)]] rooms::OwnVerbs<detail::GuardedMapping, R, W, E> {
    using Self = BasicPages<detail::GuardedMapping, R, W, E>;
    using Rights = detail::Rights<R, W, E>;
    using Owner = detail::GuardedMapping;

public:
    /// Makes a range, in whole pages exactly, guards: touching it faults from now on. Its contents
    /// are lost and its memory is given back. Pages that are guards already stay guards.
    ///
    /// Every other verb keeps guards: permissions change around them, and hints, `populate`,
    /// `collapse`, `decommit`, `discard`, `zero` and `publish` skip them. Child processes inherit
    /// them.
    /// `invalid_argument`: not whole pages, or outside the pages. A refusal makes no guards (if the
    /// system also refuses to undo a part, `is_guarded` tells which were made): `map_count_limit`
    /// where guards take mappings (`Feature::many_guards`; contents are kept); `not_enough_memory`
    /// for the table of guards; `operation_not_supported` for locked pages before Linux 5.18.
    /// Linux: `madvise(2)` MADV_GUARD_INSTALL since 6.13; before, and for locked pages,
    /// `mprotect(2)`. macOS: `mmap(2)` MAP_FIXED without access. Windows: MEM_DECOMMIT.
    [[clang::callable_when("unknown")]]
    void guard(std::size_t offset, std::size_t bytes) &
        requires Rights::writable
    {
        detail::or_raise(try_guard(offset, bytes), detail::call_of<Owner, "guard">, owner(),
                         {offset, bytes}, detail::Units::whole);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_guard(std::size_t offset, std::size_t bytes) & noexcept
        requires Rights::writable
    {
        detail::check_not_lent(owner(), detail::call_of<Owner, "guard">);
        return owner().guard(offset, bytes, Rights::access);
    }

    /// Makes guards in a range, in whole pages exactly, usable pages again. Their contents are
    /// indeterminate; pages that are not guards stay as they are.
    ///
    /// `invalid_argument`: as above. A refusal keeps all guards, unless the system refuses to make
    /// some again (`is_guarded` tells): `map_count_limit`, and on Windows `commit_limit`.
    [[clang::callable_when("unknown")]]
    void unguard(std::size_t offset, std::size_t bytes) &
        requires Rights::writable
    {
        detail::or_raise(try_unguard(offset, bytes), detail::call_of<Owner, "unguard">, owner(),
                         {offset, bytes}, detail::Units::whole);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_unguard(std::size_t offset, std::size_t bytes) & noexcept
        requires Rights::writable
    {
        detail::check_not_lent(owner(), detail::call_of<Owner, "unguard">);
        return owner().unguard(offset, bytes, Rights::access);
    }

    /// Whether the page of the byte at `offset` is a guard. `offset` must be below `size()`
    /// (contract check).
    [[nodiscard, clang::callable_when("unknown")]]
    bool is_guarded(std::size_t offset) const noexcept {
        detail::check_index(detail::call_of<Owner, "is_guarded">, offset, owner().size());
        return owner().is_guarded(offset);
    }

private:
    [[nodiscard]] Owner& owner() noexcept {
        return detail::OwnerOf::get(static_cast<Self&>(*this));
    }
    [[nodiscard]] const Owner& owner() const noexcept {
        return detail::OwnerOf::get(static_cast<const Self&>(*this));
    }
};

/// Pages between two guards: as `Pages`, but an access beyond their ends faults instead of reaching
/// other memory. `GuardOptions` set the bytes guarded on each side, a page by default. Guards take
/// address space and no memory.
///
/// `guard` and `unguard` make pages inside guards, and guards pages again: between the stacks or
/// the slabs of a pool, for example. Where the system can mark pages, guards take no mappings, and
/// there may be a million (`Feature::many_guards`); only the change to executable pages takes two
/// mappings for each guard for a moment, since it changes the pages around guards part by part.
/// Code that touches all bytes (`bytes()`, a range-for, `write`) touches the guards inside too, and
/// faults.
///
/// They have no `resize`, `release`, `adopt` and `split_at`. Writable and executable guarded pages
/// do not exist on systems where pages cannot become so (`Feature::becoming_write_exec`).
///
/// Linux: `mmap(2)` PROT_NONE, and `mprotect(2)` for the pages. Windows: MEM_RESERVE, and
/// MEM_COMMIT for the pages; not PAGE_GUARD, which the first touch removes.
template <ReadPermission R, WritePermission W, ExecPermission E>
using GuardedPages = BasicPages<detail::GuardedMapping, R, W, E>;

}  // namespace memory_pages
