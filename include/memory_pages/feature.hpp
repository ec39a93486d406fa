// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Where systems differ, as questions to the running one. With `is_supported(Advice)` and
/// `Pages<...>::is_enforced()` these are all the differences that a program can ask for;
/// `docs/porting.md` shows them side by side.

namespace memory_pages {

/// What a system can do, or not. Each says what happens where it cannot.
enum class Feature {
    /// Memory is promised when it is mapped or committed: what the system cannot give is refused
    /// then. Else such a request may succeed, and a touch end the process. Linux: not where
    /// `vm.overcommit_memory` is 1. macOS: no. Windows: always.
    commit_charge,

    /// `PageOptions::uncharged` maps pages that no promise stands behind. Else they are mapped as
    /// without it. Linux: not where `vm.overcommit_memory` is 2. macOS: always, since it promises
    /// nothing. Windows: no.
    uncharged_pages,

    /// `resize`, and `PagedVec` past its reservation, move pages without copying them. Else their
    /// bytes are copied, and for that moment both are there. macOS, Windows: no.
    moving_pages,

    /// Pages may be mapped writable and executable at once. Else that is refused: Linux with
    /// SELinux or `PR_SET_MDWE`, macOS with the hardened runtime but without the entitlement
    /// `com.apple.security.cs.allow-jit`.
    write_exec,

    /// Pages that are there may become writable and executable at once. Else only fresh ones are.
    /// macOS on arm64, and with the hardened runtime: no, since `MAP_JIT` is decided when pages are
    /// mapped.
    becoming_write_exec,

    /// `publish`, on processors that need it also the way to executable pages, reaches threads that
    /// run. Else it answers `operation_not_supported`: Linux where `membarrier(2)` is forbidden.
    publishing,

    /// `collapse` makes huge pages of pages that are filled already. Else it answers
    /// `operation_not_supported`. Linux: since 6.1. macOS, Windows: no.
    collapsing,

    /// Guards inside pages take none of the mappings that a process may have, so that there may be
    /// any number of them. Else each may take two, and `guard` is refused at the limit on them, or
    /// with locked pages. Linux: since 6.13. macOS: no. Windows: yes.
    many_guards,
};

/// Whether this system, as it runs here, can do that. Asked from it at each call.
[[nodiscard]] bool is_supported(Feature feature) noexcept;

}  // namespace memory_pages
