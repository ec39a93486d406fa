// SPDX-License-Identifier: MIT
// calls.hpp lists the sources.
#include "os/contents.hpp"
#include "cpu/clear.hpp"
#include "os/macos/calls.hpp"
#include "os/macos/code.hpp"
#include "os/macos/regions.hpp"
#include "os/memory.hpp"
#include "os/posix/calls.hpp"
#include "os/shared.hpp"

#include <sys/mman.h>

#include <cstring>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

/// Whether all of these pages are readable and writable, and none is executable: then none needs
/// MAP_JIT (which pages that were executable may have on Intel, and would lose), and new pages can
/// replace them.
bool is_plain(const std::byte* base, std::size_t bytes) noexcept {
    return os::all_have(base, bytes, VM_PROT_READ | VM_PROT_WRITE);
}

}  // namespace

// docs/decisions/0008-pages-are-replaced-on-macos.md
os::Result<void> os::decommit(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    if (is_plain(base, bytes)) {
        return mmap_anew(base, bytes, PROT_READ | PROT_WRITE) ? os::Result<void>()
                                                              : os::Result<void>(refused());
    }
    if (madvise_again(base, bytes, MADV_FREE_REUSABLE) == 0) {
        return {};
    }
    return not_supported();
}

os::Result<void> os::decommit_all(std::span<const Range> ranges) noexcept {
    return one_by_one(ranges, decommit);
}

// madvise(2): the range stays valid. Writing to a page makes it in use again.
os::Result<void> os::discard(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    return done_or_refused(madvise_again(base, bytes, MADV_FREE));
}

os::Result<void> os::discard_all(std::span<const Range> ranges) noexcept {
    return one_by_one(ranges, discard);
}

// Not MADV_DONTNEED, which keeps every byte.
os::Result<void> os::zero(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    if (!are_few(bytes) && is_plain(base, bytes) &&
        mmap_anew(base, bytes, PROT_READ | PROT_WRITE)) {
        return {};
    }
    const Writing writing;
    std::memset(base, 0, bytes);
    return {};
}

void os::clear(std::byte* base, std::size_t bytes) noexcept {
    const Writing writing;
    cpu::write_zeros(base, bytes);
}

// Touches each page without changing a byte, even if other threads do. MADV_WILLNEED makes pages
// resident only on newer systems.
os::Result<void> os::populate(std::byte* base, std::size_t bytes, Access access) noexcept {
    const Writing writing;
    touch(base, bytes, access);
    return {};
}

void os::copy(std::byte* to, const std::byte* from, std::size_t bytes) noexcept {
    const Writing writing;
    copy_unless_zero(to, from, bytes);
}

}  // namespace memory_pages

#pragma GCC visibility pop
