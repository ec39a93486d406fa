// SPDX-License-Identifier: MIT
// posix/reserve.cpp has the rest of the subject.
#include "os/reserve.hpp"
#include "os/contents.hpp"
#include "os/linux/errors.hpp"
#include "os/linux/remap.hpp"
#include "os/memory.hpp"
#include "os/posix/calls.hpp"
#include "os/shared.hpp"

#include <sys/mman.h>

#include <cerrno>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

/// Whether there is room for a mapping anywhere.
bool can_map(std::size_t bytes) noexcept {
    void* const base = ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return base != MAP_FAILED && ::munmap(base, bytes) == 0;
}

}  // namespace

os::Result<std::byte*> os::reserve(std::size_t bytes, std::size_t alignment) noexcept {
    const KeepErrno keep;
    // Without MAP_NORESERVE: later commits are to be charged.
    return map(bytes, alignment, Access::none, Charge::charged);
}

// mmap(2): kernels before 4.17, and emulators, take MAP_FIXED_NOREPLACE as a hint.
os::Result<std::byte*> os::reserve_at(std::byte* where, std::size_t bytes) noexcept {
    const KeepErrno keep;
    void* const base =
        ::mmap(where, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (base == where) {
        return where;
    }
    if (base != MAP_FAILED) {
        (void)::munmap(base, bytes);
        errno = EEXIST;
    }
    // EPERM: below vm.mmap_min_addr.
    if (errno == EEXIST || errno == EPERM || errno == EINVAL) {
        return std::unexpected(os::Error::address_in_use);
    }
    const auto error = refused({.address_space = bytes});
    // ENOMEM is also for addresses that programs do not have.
    const bool is_the_address = error.error() == Error::not_enough_memory && can_map(bytes);
    return is_the_address ? std::unexpected(Error::address_in_use) : error;
}

void os::release(std::byte* base, std::size_t bytes) noexcept { unmap(base, bytes); }

os::Result<void> os::commit(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepErrno keep;
    if (::mprotect(base, bytes, native(access)) == 0) [[likely]] {
        return {};
    }
    const auto error = refused(growth_by(bytes, 0, access, Charge::charged));
    // The range may be several mappings, the first of which have changed and are charged.
    (void)uncommit(base, bytes);
    return error;
}

os::Result<void> os::uncommit(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    // A new mapping over our own: mprotect(2) alone would keep the charge.
    if (::mmap(base, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
        MAP_FAILED) {
        return {};
    }
    const auto error = refused();
    // Limits, filters and seals refuse before anything is unmapped. Before Linux 6.12, a kernel
    // without memory for its own structures may have unmapped the range first: it may be another
    // thread's.
    const bool may_be_unmapped = error.error() == os::Error{ENOMEM};
    if (may_be_unmapped || !decommit(base, bytes) || !protect(base, bytes, Access::none)) {
        return error;
    }
    forget_advice(base, bytes);
    return {};
}

os::Result<void> os::move(std::byte* from, std::size_t bytes, std::byte* to) noexcept {
    const KeepErrno keep;
    forget_advice(from, bytes);
    Mark mark(to + bytes);
    // Larger by the page behind: since Linux 6.17 several mappings of the same size move one after
    // the other, and a refusal may leave some of them moved. A move that also grows is all or
    // nothing.
    if (::mremap(from, bytes, bytes + page_size(), MREMAP_MAYMOVE | MREMAP_FIXED, to) !=
        MAP_FAILED) {
        return {};
    }
    const auto error = refused({.address_space = bytes});
    return mark.take_back() ? os::Result<void>(not_supported()) : os::Result<void>(error);
}

bool os::can_move() noexcept { return true; }

}  // namespace memory_pages

#pragma GCC visibility pop
