// SPDX-License-Identifier: MIT
#include "os/any.hpp"
#include "os/contents.hpp"
#include "os/linux/errors.hpp"
#include "os/memory.hpp"
#include "os/posix/calls.hpp"
#include "os/reserve.hpp"
#include "os/shared.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <optional>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

/// Whether madvise(2) refuses advice that does not exist. An emulator may take all advice, and do
/// nothing: then its answers prove nothing.
bool is_advice_checked(std::byte* page) noexcept {
    static constinit os::Remembered is_checked;
    return is_checked.or_ask([page]() noexcept {
        constexpr int no_advice = -1;
        return std::optional(::madvise(page, os::page_size(), no_advice) != 0);
    });
}

/// Whether dropping these pages makes them read zero. madvise(2): only private anonymous pages take
/// MADV_FREE; it refuses others, and locked ones, with EINVAL. Changes contents.
bool are_private_and_anonymous(std::byte* base, std::size_t bytes) noexcept {
    return is_advice_checked(base) && ::madvise(base, bytes, MADV_FREE) == 0;
}

}  // namespace

os::Result<void> os::unmap_any(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    return done_or_refused(::munmap(base, bytes));
}

os::Result<std::byte*> os::resize_any(std::byte* base, std::size_t old_bytes, std::size_t new_bytes,
                                      bool may_move) noexcept {
    const KeepErrno keep;
    void* const moved = ::mremap(base, old_bytes, new_bytes, may_move ? MREMAP_MAYMOVE : 0);
    if (moved != MAP_FAILED) {
        return static_cast<std::byte*>(moved);
    }
    // EFAULT: the pages are of several mappings.
    if (errno == EFAULT || is_unknown_call()) {
        return not_supported();
    }
    const std::size_t added = new_bytes > old_bytes ? new_bytes - old_bytes : 0;
    // In place, the addresses behind may be taken: no reason to name a limit of memory.
    return may_move ? refused({.address_space = added, .data = added, .charge = added})
                    : refused({.address_space = added});
}

os::Result<void> os::commit_any(std::byte* base, std::size_t bytes, Access access) noexcept {
    return protect(base, bytes, access);
}

os::Result<void> os::uncommit_any(std::byte* base, std::size_t bytes) noexcept {
    return uncommit(base, bytes);
}

os::Result<void> os::decommit_any(std::byte* base, std::size_t bytes) noexcept {
    return decommit(base, bytes);
}

os::Result<void> os::discard_any(std::byte* base, std::size_t bytes) noexcept {
    return discard(base, bytes);
}

os::Result<void> os::zero_any(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    if (are_few(bytes) || !are_private_and_anonymous(base, bytes) || !decommit(base, bytes)) {
        std::memset(base, 0, bytes);
    }
    return {};
}

}  // namespace memory_pages

#pragma GCC visibility pop
