// SPDX-License-Identifier: MIT
// Guards inside pages: madvise(2) MADV_GUARD_INSTALL marks them in the page table, since
// Linux 6.13. No mapping is split, mprotect(2) and giving memory back leave the marks where they
// are, and a child has them too. Else, and for locked pages, a protection of their own.
#include "linux_guards.hpp"
#include "linux_refusals.hpp"
#include "os.hpp"
#include "posix.hpp"

#include <sys/mman.h>

#include <atomic>
#include <cerrno>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using os::Access;
using os::KeepErrno;

constexpr int guard_install = 102;  // Newer than the C library's headers.
constexpr int guard_remove = 103;

/// Taken back where a part was refused.
Result<void> change_protection(std::byte* base, std::size_t bytes, Access from,
                               Access to) noexcept {
    Result<void> done = os::protect(base, bytes, to);
    if (!done) {
        (void)os::protect(base, bytes, from);
    }
    return done;
}

/// By a protection of their own. Contents go last, when nothing can be refused for want of
/// mappings.
Result<os::Guards> set_apart(std::byte* base, std::size_t bytes, Access access) noexcept {
    Result<void> done = change_protection(base, bytes, access, Access::none);
    if (done) {
        done = os::decommit(base, bytes);
        if (!done) {
            (void)os::protect(base, bytes, access);
        }
    }
    return done ? Result<os::Guards>(os::Guards::pages_apart) : std::unexpected(done.error());
}

/// Whether it is known how, at the first guard of the process: an emulator takes all advice, and
/// does nothing, so a marked page is looked at.
bool marks_are_known() noexcept {
    enum : signed char { unknown, no, yes };
    static constinit std::atomic<signed char> answer{unknown};
    if (answer.load(std::memory_order_relaxed) == unknown) {
        const KeepErrno keep;
        answer.store(os::can_mark_guards() ? yes : no, std::memory_order_relaxed);
    }
    return answer.load(std::memory_order_relaxed) == yes;
}

}  // namespace

bool os::can_mark_guards() noexcept {
    const Result<std::byte*> page = map(page_size(), 1, Access::read, Charge::uncharged);
    if (!page) {
        return false;
    }
    const bool can = ::madvise(*page, page_size(), guard_install) == 0 && !can_be_read(*page) &&
                     ::madvise(*page, page_size(), guard_remove) == 0;
    unmap(*page, page_size());
    return can;
}

Result<os::Guards> os::guard(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepErrno keep;
    if (!marks_are_known()) {
        return set_apart(base, bytes, access);
    }
    if (::madvise(base, bytes, guard_install) == 0) {
        return Guards::marks;
    }
    const auto error = refused();
    const bool may_be_locked = is_unknown_call();
    // A part may be marked.
    (void)::madvise(base, bytes, guard_remove);
    return may_be_locked ? set_apart(base, bytes, access) : Result<Guards>(error);
}

Result<void> os::unguard(std::byte* base, std::size_t bytes, Access access, Guards how) noexcept {
    const KeepErrno keep;
    if (how == Guards::pages_apart) {
        if (Result<void> done = change_protection(base, bytes, Access::none, access); !done) {
            return done;
        }
    }
    return marks_are_known() ? done_or_refused(::madvise(base, bytes, guard_remove))
                             : Result<void>();
}

}  // namespace memory_pages

#pragma GCC visibility pop
