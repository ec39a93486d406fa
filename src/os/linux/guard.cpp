// SPDX-License-Identifier: MIT
// Guards inside pages: madvise(2) MADV_GUARD_INSTALL marks them in the page table since Linux 6.13.
// It splits no mapping, mprotect(2) and giving memory back keep the marks, and children inherit
// them. On older kernels, and for locked pages: mprotect(2).
#include "os/guard.hpp"
#include "os/contents.hpp"
#include "os/linux/errors.hpp"
#include "os/memory.hpp"
#include "os/posix/calls.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <optional>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using os::Access;
using os::KeepErrno;

constexpr int guard_install = 102;  // Newer than the C library's headers.
constexpr int guard_remove = 103;
constexpr int populate_read = 22;

/// Undoes the change if a part was refused.
os::Result<void> change_protection(std::byte* base, std::size_t bytes, Access from,
                                   Access to) noexcept {
    os::Result<void> done = os::protect(base, bytes, to);
    if (!done) {
        (void)os::protect(base, bytes, from);
    }
    return done;
}

/// Guards by mprotect(2). Gives the contents up last, when the limit on mappings cannot refuse it.
os::Result<os::GuardMethod> set_apart(std::byte* base, std::size_t bytes, Access access) noexcept {
    os::Result<void> done = change_protection(base, bytes, access, Access::none);
    if (done) {
        done = os::decommit(base, bytes);
        if (!done) {
            (void)os::protect(base, bytes, access);
        }
    }
    return done ? os::Result<os::GuardMethod>(os::GuardMethod::inaccessible_page)
                : std::unexpected(done.error());
}

/// For a readable page that is not locked.
std::optional<bool> can_be_marked(std::byte* page, std::size_t bytes) noexcept {
    if (::madvise(page, bytes, guard_install) != 0) {
        return os::is_unknown_call() ? std::optional(false) : std::nullopt;
    }
    // Kernels with markers also have MADV_POPULATE_READ, which fails for marked pages. A real
    // access would raise a signal, which an emulator such as valgrind may not survive.
    if (::madvise(page, bytes, populate_read) == 0) {
        return false;
    }
    if (errno != EFAULT) {
        return os::is_unknown_call() ? std::optional(false) : std::nullopt;
    }
    return ::madvise(page, bytes, guard_remove) == 0;
}

/// Whether pages can be marked as guards, tried with a page. Nothing if the process or the system
/// lacks the resources for the test.
std::optional<bool> can_mark_guards() noexcept {
    const os::Result<std::byte*> page =
        os::map(os::page_size(), 1, os::Access::read, os::Charge::uncharged);
    if (!page) {
        return std::nullopt;
    }
    // Locked pages (all new ones after mlockall(2)) cannot be marked, but others still can.
    (void)::munlock(*page, os::page_size());
    const std::optional<bool> can = can_be_marked(*page, os::page_size());
    os::unmap(*page, os::page_size());
    return can;
}

/// The cached answer. Emulators may accept all advice and ignore it, so the test checks a marked
/// page.
bool markers_are_known() noexcept {
    static constinit os::Remembered answer;
    return answer.or_ask([]() noexcept {
        const KeepErrno keep;
        return can_mark_guards();
    });
}

}  // namespace

os::Result<os::GuardMethod> os::guard(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepErrno keep;
    if (!markers_are_known()) {
        return set_apart(base, bytes, access);
    }
    if (::madvise(base, bytes, guard_install) == 0) {
        return GuardMethod::page_table_marker;
    }
    const auto error = refused();
    const bool may_be_locked = is_unknown_call();
    // A part may be marked already.
    (void)::madvise(base, bytes, guard_remove);
    return may_be_locked ? set_apart(base, bytes, access) : os::Result<GuardMethod>(error);
}

os::Result<void> os::unguard(std::byte* base, std::size_t bytes, Access access,
                             GuardMethod method) noexcept {
    const KeepErrno keep;
    if (method == GuardMethod::inaccessible_page) {
        if (os::Result<void> done = change_protection(base, bytes, Access::none, access); !done) {
            return done;
        }
    }
    return markers_are_known() ? done_or_refused(::madvise(base, bytes, guard_remove))
                               : os::Result<void>();
}

bool os::can_make_many_guards() noexcept {
    const KeepErrno keep;
    return can_mark_guards().value_or(false);
}

}  // namespace memory_pages

#pragma GCC visibility pop
