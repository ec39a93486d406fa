// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The differences between systems, as questions to the running one. Together with
/// `is_supported(Advice)`, `is_supported(HugePages)` and `Pages<...>::is_enforced()` these are all
/// the differences that a program can query; `docs/porting/differences.md` lists them.

namespace memory_pages {

/// What a system may support. Each says what happens without it.
enum class Feature {
    /// The system charges memory when it is mapped or committed, and refuses what it cannot give.
    /// Without: the call may succeed, and a later touch end the process. Linux: not with
    /// `vm.overcommit_memory` 1. macOS: no. Windows: always.
    commit_charge,

    /// `PageOptions::uncharged` maps pages without charging them. Without: the option has no
    /// effect. Linux: not with `vm.overcommit_memory` 2. macOS: always, since it charges nothing.
    /// Windows: no.
    uncharged_pages,

    /// `resize`, and `PagedVec` past its reservation, move pages without copying. Without: they
    /// copy the bytes, and both copies exist at the same time. macOS, Windows: no.
    moving_pages,

    /// Pages may be mapped writable and executable at once. Without: refused, on Linux with SELinux
    /// or `PR_SET_MDWE`, on macOS with the hardened runtime but without the entitlement
    /// `com.apple.security.cs.allow-jit`.
    write_exec,

    /// Existing pages may become writable and executable at once. Without: only new pages can be.
    /// macOS on arm64, and with the hardened runtime: no, since `MAP_JIT` is chosen when pages are
    /// mapped.
    becoming_write_exec,

    /// Writable pages may become executable instead. Without: the change to executable pages fails
    /// with `permission_denied`, so that a program cannot make code. Linux with SELinux or
    /// `PR_SET_MDWE`, Windows with dynamic code prohibited: no.
    becoming_exec,

    /// `publish` reaches running threads; on processors that need it, so does the change to
    /// executable pages. Without: `operation_not_supported`. Linux: not where `membarrier(2)` is
    /// forbidden.
    publishing,

    /// `collapse` makes huge pages of pages that are already filled. Without:
    /// `operation_not_supported`. Linux: since 6.1. macOS, Windows: no.
    collapsing,

    /// Guards inside pages take no mappings, so that their number has no limit. Without: each may
    /// take two of the process's mappings, and `guard` fails at the limit on mappings, or for
    /// locked pages. Linux: since 6.13. macOS: no. Windows: yes.
    many_guards,
};

/// Whether the running system supports this. Not cached: each call may make system calls.
[[nodiscard]] bool is_supported(Feature feature) noexcept;

}  // namespace memory_pages
