// SPDX-License-Identifier: MIT
#include "verbs/by_address.hpp"

#include "os/advice.hpp"
#include "os/any.hpp"
#include "os/code.hpp"
#include "os/contents.hpp"
#include "os/huge.hpp"
#include "os/memory.hpp"
#include "os/poison.hpp"
#include "verbs/protect.hpp"
#include "verbs/ranges.hpp"
#include "verbs/verbs.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace memory_pages::detail {
namespace {

/// Whether the bytes end within the address space.
bool do_not_wrap(const void* address, std::size_t bytes) noexcept {
    return bytes <=
           std::numeric_limits<std::uintptr_t>::max() - reinterpret_cast<std::uintptr_t>(address);
}

/// Calls a verb of the system for whole pages, unless there are none.
template <class Verb>
CoreResult<void> on_pages(void* address, std::size_t bytes, Verb verb) noexcept {
    if (!by_address::are_pages(address, bytes)) {
        return invalid_argument();
    }
    return bytes == 0 ? CoreResult<void>() : verb(static_cast<std::byte*>(address), bytes);
}

/// The same for a verb after which contents, or the pages, are gone.
template <class Verb>
CoreResult<void> on_lost_pages(void* address, std::size_t bytes, Verb verb) noexcept {
    return on_pages(address, bytes, [verb](std::byte* base, std::size_t size) noexcept {
        os::forget_poison(base, size);
        return verb(base, size);
    });
}

/// The same for a verb that also takes an access: a value of the enumeration.
template <class Verb>
CoreResult<void> with_access(void* address, std::size_t bytes, Access access, Verb verb) noexcept {
    if (!allows(Access::read_write_exec, access)) {
        return invalid_argument();
    }
    return on_pages(address, bytes, [=](std::byte* base, std::size_t size) noexcept {
        return verb(base, size, access);
    });
}

}  // namespace

bool by_address::are_pages(const void* address, std::size_t bytes) noexcept {
    return address != nullptr && do_not_wrap(address, bytes) &&
           are_whole_units({reinterpret_cast<std::uintptr_t>(address), bytes}, os::page_size());
}

CoreResult<void> by_address::unmap(void* address, std::size_t bytes) noexcept {
    return on_lost_pages(address, bytes, os::unmap_any);
}

CoreResult<std::byte*> by_address::resize(void* address, std::size_t old_bytes,
                                          std::size_t new_bytes, bool may_move) noexcept {
    if (!are_pages(address, old_bytes) || !are_pages(address, new_bytes) || old_bytes == 0 ||
        new_bytes == 0) {
        return invalid_argument();
    }
    auto* const base = static_cast<std::byte*>(address);
    const CoreResult<std::byte*> moved = os::resize_any(base, old_bytes, new_bytes, may_move);
    if (moved) {
        const std::size_t kept = *moved == base ? std::min(old_bytes, new_bytes) : 0;
        os::forget_poison(base + kept, old_bytes - kept);
    }
    return moved;
}

CoreResult<void> by_address::commit(void* address, std::size_t bytes, Access access) noexcept {
    if (!allows(access, Access::exec)) {
        return with_access(address, bytes, access, os::commit_any);
    }
    // In two steps: pages that are committed already may hold code that is not published.
    const CoreResult<void> done = with_access(address, bytes, Access::read, os::commit_any);
    return done ? protect(address, bytes, access) : done;
}

CoreResult<void> by_address::uncommit(void* address, std::size_t bytes) noexcept {
    return on_lost_pages(address, bytes, os::uncommit_any);
}

CoreResult<void> by_address::protect(void* address, std::size_t bytes, Access access) noexcept {
    return with_access(address, bytes, access, verbs::protect_any);
}

CoreResult<void> by_address::decommit(void* address, std::size_t bytes) noexcept {
    return on_lost_pages(address, bytes, os::decommit_any);
}

CoreResult<void> by_address::discard(void* address, std::size_t bytes) noexcept {
    return on_lost_pages(address, bytes, os::discard_any);
}

CoreResult<void> by_address::zero(void* address, std::size_t bytes) noexcept {
    return on_lost_pages(address, bytes, os::zero_any);
}

CoreResult<void> by_address::populate(void* address, std::size_t bytes, Access access) noexcept {
    return verbs::can_populate(access) ? with_access(address, bytes, access, os::populate)
                                       : invalid_argument();
}

CoreResult<void> by_address::advise(void* address, std::size_t bytes, Advice advice) noexcept {
    return on_pages(address, bytes, [advice](std::byte* base, std::size_t size) noexcept {
        return os::advise(base, size, advice);
    });
}

CoreResult<void> by_address::collapse(void* address, std::size_t bytes) noexcept {
    return on_pages(address, bytes, os::collapse);
}

CoreResult<void> by_address::set_huge_pages(void* address, std::size_t bytes,
                                            HugePages policy) noexcept {
    if (policy != HugePages::prefer && policy != HugePages::never) {
        return invalid_argument();
    }
    return on_pages(address, bytes, [policy](std::byte* base, std::size_t size) noexcept {
        return os::set_huge_pages(base, size, policy)
                   ? CoreResult<void>()
                   : CoreResult<void>(std::unexpected(Error::not_enough_memory));
    });
}

CoreResult<void> by_address::publish(void* address, std::size_t bytes, Publish code) noexcept {
    if (address == nullptr || !do_not_wrap(address, bytes)) {
        return invalid_argument();
    }
    return bytes == 0 ? CoreResult<void>()
                      : os::publish(static_cast<std::byte*>(address), bytes, code);
}

}  // namespace memory_pages::detail
