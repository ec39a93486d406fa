// SPDX-License-Identifier: MIT
// calls.hpp lists the sources. Both processors use the same files; differences are queried at run
// time. posix/memory.cpp has the other verbs.
#include "os/memory.hpp"
#include "os/macos/calls.hpp"
#include "os/macos/regions.hpp"
#include "os/posix/calls.hpp"
#include "os/shared.hpp"

#include <mach/mach.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using os::all_have;
using os::is_jit;
using os::mmap_at;
using os::native;
using os::refused;

/// Maps a larger piece, and trims both ends. The excess is not charged.
std::byte* mmap_and_trim(std::size_t bytes, std::size_t alignment, int protection,
                         int flags) noexcept {
    const std::size_t slack = alignment - os::page_size();
    if (bytes > PTRDIFF_MAX - slack) {
        errno = ENOMEM;
        return nullptr;
    }
    std::byte* const piece = mmap_at(nullptr, bytes + slack, protection, flags);
    if (piece == nullptr) {
        return nullptr;
    }
    const std::size_t head = -reinterpret_cast<std::uintptr_t>(piece) % alignment;
    if (head != 0) {
        (void)::munmap(piece, head);
    }
    if (head != slack) {
        (void)::munmap(piece + head + bytes, slack - head);
    }
    return piece + head;
}

/// Whether a page can be mapped with one access and then, if the other differs, changed to it.
bool is_granted(Access first, Access then) noexcept {
    const std::size_t page = os::page_size();
    std::byte* const base = mmap_at(nullptr, page, native(first), is_jit(first) ? MAP_JIT : 0);
    if (base == nullptr) {
        return false;
    }
    const bool is_changed = first == then || ::mprotect(base, page, native(then)) == 0;
    (void)::munmap(base, page);
    return is_changed;
}

/// Replaces these pages by others with the same bytes, in one step (xnu, vm_map_remap).
bool replace(std::byte* base, std::size_t bytes, int protection) noexcept {
    std::byte* const copy = mmap_at(nullptr, bytes, PROT_READ | PROT_WRITE, 0);
    if (copy == nullptr) {
        return false;
    }
    std::memcpy(copy, base, bytes);
    auto where = reinterpret_cast<vm_address_t>(base);
    vm_prot_t now = VM_PROT_NONE;
    vm_prot_t at_most = VM_PROT_NONE;
    const bool done =
        ::mprotect(copy, bytes, protection) == 0 &&
        ::vm_remap(mach_task_self(), &where, bytes, 0, VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE,
                   mach_task_self(), reinterpret_cast<vm_address_t>(copy), /*copy=*/0, &now,
                   &at_most, VM_INHERIT_DEFAULT) == KERN_SUCCESS;
    (void)::munmap(copy, bytes);
    return done;
}

/// mprotect, except for pages with MAP_JIT: on arm64 they cannot become anything but writable and
/// executable (EACCES; xnu, vm_map_protect, used_for_jit), so they are replaced.
os::Result<void> change_protection(std::byte* base, std::size_t bytes, Access access) noexcept {
    if (::mprotect(base, bytes, native(access)) == 0) {
        return {};
    }
    const auto error = refused();
    // To take rights from writable and executable pages is only refused for pages with MAP_JIT.
    if (errno == EACCES && !is_jit(access) &&
        all_have(base, bytes, VM_PROT_READ | VM_PROT_WRITE | VM_PROT_EXECUTE) &&
        replace(base, bytes, native(access))) {
        return {};
    }
    return error;
}

}  // namespace

// mach/vm_page_size.h: of this task, which may differ from the kernel's (Rosetta).
std::size_t os::page_size() noexcept { return vm_page_size; }

std::size_t os::allocation_granularity() noexcept { return page_size(); }

// Nothing is ever charged: when pages are touched the system finds memory, or ends a process.
os::Result<std::byte*> os::map(std::size_t bytes, std::size_t alignment, Access access,
                               Charge /*unused*/) noexcept {
    const int flags = is_jit(access) ? MAP_JIT : 0;
    std::byte* const base = alignment <= page_size()
                                ? mmap_at(nullptr, bytes, native(access), flags)
                                : mmap_and_trim(bytes, alignment, native(access), flags);
    if (base == nullptr) [[unlikely]] {
        // xnu, mmap: EINVAL means no entitlement to MAP_JIT, or a size larger than the address
        // space.
        if (errno == EINVAL || errno == EPERM) {
            errno = is_jit(access) ? EACCES : ENOMEM;
        }
        return refused();
    }
    return base;
}

// munmap(2): fails only if its preconditions are violated.
void os::unmap(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    (void)::munmap(base, bytes);
}

os::Result<std::byte*> os::resize(std::byte* base, std::size_t old_bytes, std::size_t new_bytes,
                                  std::size_t /*alignment*/) noexcept {
    if (new_bytes > old_bytes) {
        return not_supported();
    }
    if (new_bytes < old_bytes) {
        unmap(base + new_bytes, old_bytes - new_bytes);
    }
    return base;
}

os::Result<void> os::protect(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepErrno keep;
    return change_protection(base, bytes, access);
}

// mmap(2): write or execute may imply read; on both processors they do (xnu, mmap).
bool os::is_enforced(Access access) noexcept {
    return allows(access, Access::read) || access == Access::none;
}

bool os::may_map(Access access) noexcept {
    const KeepErrno keep;
    return is_granted(access, access);
}

bool os::may_become(Access from, Access to) noexcept {
    const KeepErrno keep;
    return is_granted(from, to);
}

}  // namespace memory_pages

#pragma GCC visibility pop
