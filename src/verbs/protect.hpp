// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Changes of permissions, and undoing refused ones. All take whole pages.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/core_error.hpp>

#include "os/code.hpp"
#include "os/memory.hpp"

#include <atomic>
#include <cstddef>
#include <expected>

#pragma GCC visibility push(hidden)

namespace memory_pages::detail::verbs {

/// Whether permissions were ever lost in this process. From then on the library makes every change,
/// in a way that works whatever permissions the pages have: the pages that lost theirs may have
/// been moved, split, joined, or released and adopted since, and no owner tracks them.
extern constinit std::atomic<bool> were_permissions_lost;

/// Whether a change has nothing to do.
[[nodiscard]] inline bool is_no_change(Access from, Access to) noexcept {
    return from == to && !were_permissions_lost.load(std::memory_order_relaxed);
}

/// Changes pages from `from` to `to`, and publishes code when they become executable. A refusal
/// may leave a part changed.
[[nodiscard, gnu::always_inline]] inline CoreResult<void> change_part(std::byte* base,
                                                                      std::size_t bytes,
                                                                      Access from,
                                                                      Access to) noexcept {
    const bool holds_new_code = from != to && allows(to, Access::exec) &&
                                (!allows(from, Access::exec) || allows(from, Access::write));
    if (!holds_new_code) {
        return os::protect(base, bytes, to);
    }
    const bool is_known = !were_permissions_lost.load(std::memory_order_relaxed);
    return os::make_executable(base, bytes, is_known ? from : Access::none, to);
}

/// Changes pages of any access. A refusal may leave a part changed.
[[nodiscard]] inline CoreResult<void> protect_any(std::byte* base, std::size_t bytes,
                                                  Access to) noexcept {
    return allows(to, Access::exec) ? os::make_executable(base, bytes, Access::none, to)
                                    : os::protect(base, bytes, to);
}

/// Undoes a refused change: makes the pages as `from` again. Returns the reason for the refusal, or
/// `permissions_lost`.
[[nodiscard]] Error restore_part(std::byte* base, std::size_t bytes, Access from, Access to,
                                 Error refusal) noexcept;

/// `change_part` that undoes a refused change. After `permissions_lost` each page may be as `from`,
/// as `to`, or have only the rights common to both.
[[nodiscard, gnu::always_inline]] inline CoreResult<void> protect_part(std::byte* base,
                                                                       std::size_t bytes,
                                                                       Access from,
                                                                       Access to) noexcept {
    CoreResult<void> done = change_part(base, bytes, from, to);
    if (!done) [[unlikely]] {
        done = std::unexpected(restore_part(base, bytes, from, to, done.error()));
    }
    return done;
}

/// The same for all pages of an owner.
[[nodiscard]] inline CoreResult<void> protect(std::byte* base, std::size_t bytes, Access from,
                                              Access to) noexcept {
    if (is_no_change(from, to)) [[unlikely]] {
        return {};
    }
    return protect_part(base, bytes, from, to);
}

}  // namespace memory_pages::detail::verbs

#pragma GCC visibility pop
