// SPDX-License-Identifier: MIT
#include "verbs/protect.hpp"

#include "os/query.hpp"

#include <cstdint>

namespace memory_pages::detail::verbs {
namespace {

/// Whether the permissions that the system reports match the type.
bool fits(Access actual, Access type) noexcept {
    return actual == type || (!os::is_enforced(type) && actual == (type | Access::read));
}

/// Whether some of these pages may have other permissions than their type. True if the system does
/// not tell.
bool may_be_other(const std::byte* base, std::size_t bytes, Access type) noexcept {
    const CoreResult<Walk*> walk = os::start_walk();
    if (!walk) {
        return true;
    }
    auto next = reinterpret_cast<std::uintptr_t>(base);
    const std::uintptr_t end = next + bytes;
    bool is_other = false;
    while (next < end && !is_other) {
        const CoreResult<os::RegionInfo> region = os::region_from(**walk, next);
        if (region && (region->bytes == 0 || region->first >= end)) {
            break;
        }
        is_other = !region || !fits(region->access, type);
        next = is_other ? end : region->first + region->bytes;
    }
    os::end_walk(*walk);
    return is_other;
}

}  // namespace

constinit std::atomic<bool> were_permissions_lost{false};

Error restore_part(std::byte* base, std::size_t bytes, Access from, Access to,
                   Error refusal) noexcept {
    // A system that refuses every change (a seccomp filter, say) has refused the first one as a
    // whole.
    if (os::protect(base, bytes, from) || !may_be_other(base, bytes, from)) {
        return refusal;
    }
    // Perhaps only the rights of `from` are refused. Takes the rights that the type denies from the
    // pages that have changed.
    (void)os::protect(base, bytes, from & to);
    were_permissions_lost.store(true, std::memory_order_relaxed);
    return Error::permissions_lost;
}

}  // namespace memory_pages::detail::verbs
