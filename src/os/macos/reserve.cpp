// SPDX-License-Identifier: MIT
// calls.hpp lists the sources. posix/reserve.cpp has the other verbs.
#include "os/reserve.hpp"
#include "os/macos/calls.hpp"
#include "os/memory.hpp"
#include "os/posix/calls.hpp"
#include "os/shared.hpp"

#include <sys/mman.h>

#pragma GCC visibility push(hidden)

namespace memory_pages {

os::Result<std::byte*> os::reserve(std::size_t bytes, std::size_t alignment) noexcept {
    const KeepErrno keep;
    return map(bytes, alignment, Access::none, Charge::uncharged);
}

// mmap(2): without MAP_FIXED the address is a hint.
os::Result<std::byte*> os::reserve_at(std::byte* where, std::size_t bytes) noexcept {
    const KeepErrno keep;
    std::byte* const base = mmap_at(where, bytes, PROT_NONE, 0);
    if (base == where) {
        return base;
    }
    if (base != nullptr) {
        unmap(base, bytes);
    }
    return std::unexpected(os::Error::address_in_use);
}

void os::release(std::byte* base, std::size_t bytes) noexcept { unmap(base, bytes); }

os::Result<void> os::commit(std::byte* base, std::size_t bytes, Access access) noexcept {
    return protect(base, bytes, access);
}

// mprotect(2) alone would keep the bytes and their memory.
os::Result<void> os::uncommit(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    return mmap_anew(base, bytes, PROT_NONE) ? os::Result<void>() : os::Result<void>(refused());
}

// mach_vm_remap shares pages before it moves them, and pages that were shared once are discarded
// and copied differently (xnu, vm_map_remap_extract). The library copies instead.
os::Result<void> os::move(std::byte* /*from*/, std::size_t /*bytes*/, std::byte* /*to*/) noexcept {
    return not_supported();
}

bool os::can_move() noexcept { return false; }

}  // namespace memory_pages

#pragma GCC visibility pop
