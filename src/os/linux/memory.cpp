// SPDX-License-Identifier: MIT
// posix/memory.cpp has the rest of the subject.
#include "os/memory.hpp"
#include "os/contents.hpp"
#include "os/linux/errors.hpp"
#include "os/linux/map_aligned.hpp"
#include "os/linux/remap.hpp"
#include "os/posix/calls.hpp"
#include "os/shared.hpp"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <optional>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using os::growth_by;
using os::KeepErrno;
using os::Mark;
using os::mmap_and_trim;
using os::mmap_anywhere;
using os::native;
using os::not_supported;
using os::refused;
using os::Remembered;

int flags_of(os::Charge charge) noexcept {
    return charge == os::Charge::uncharged ? MAP_NORESERVE : 0;
}

/// Pages at a multiple of `alignment`. First tries the kernel's address, which is aligned for whole
/// huge pages since Linux 6.7.
[[gnu::noinline]] os::Result<std::byte*> map_aligned(std::size_t bytes, std::size_t alignment,
                                                     Access access, os::Charge charge) noexcept {
    std::byte* base = mmap_anywhere(bytes, native(access), flags_of(charge));
    if ((reinterpret_cast<std::uintptr_t>(base) & (alignment - 1)) != 0) {
        os::unmap(base, bytes);
        base = mmap_and_trim(bytes, alignment, native(access), flags_of(charge));
    }
    if (base == nullptr) {
        return refused(growth_by(bytes, bytes + alignment, access, charge));
    }
    return base;
}

/// mremap(2) onto an aligned range of our own. A refusal leaves the pages unchanged.
os::Result<std::byte*> grow_elsewhere(std::byte* base, std::size_t old_bytes, std::size_t new_bytes,
                                      std::size_t alignment) noexcept {
    const os::Result<std::byte*> room =
        map_aligned(new_bytes, alignment, Access::none, os::Charge::charged);
    if (!room) {
        return room;
    }
    std::byte* const behind = *room + old_bytes;
    if (::mprotect(behind, os::page_size(), PROT_READ | PROT_WRITE) != 0) {
        const auto error = refused();
        os::unmap(*room, new_bytes);
        return error;
    }
    Mark mark(behind);
    if (::mremap(base, old_bytes, new_bytes, MREMAP_MAYMOVE | MREMAP_FIXED, *room) != MAP_FAILED) {
        return room;
    }
    const std::size_t added = new_bytes - old_bytes;
    const auto error = errno == EFAULT || os::is_unknown_call()
                           ? not_supported()
                           : refused({.address_space = added, .data = added, .charge = added});
    if (mark.take_back()) {
        os::unmap(*room, new_bytes);
    }
    return error;
}

/// Whether a page can be mapped with one access and then changed to the other.
bool is_granted(Access first, Access then) noexcept {
    std::byte* const page = mmap_anywhere(os::page_size(), native(first), 0);
    if (page == nullptr) {
        return false;
    }
    const bool is_changed = ::mprotect(page, os::page_size(), native(then)) == 0;
    (void)::munmap(page, os::page_size());
    return is_changed;
}

/// Whether a page of zeros can be read, tested without a fault: futex(2) reads it in the kernel
/// with the user's permissions, and a wait for a word with another value ends at once. Nothing if
/// the kernel, or a seccomp filter, returns another error.
std::optional<bool> can_be_read(const std::byte* page) noexcept {
    constexpr int not_there = 1;
    const bool is_answer =
        ::syscall(SYS_futex, page, FUTEX_WAIT_PRIVATE, not_there, nullptr) != 0 &&
        (errno == EAGAIN || errno == EFAULT);
    return is_answer ? std::optional(errno == EAGAIN) : std::nullopt;
}

/// Whether the processor denies reading new pages with this access.
std::optional<bool> is_reading_denied(Access access) noexcept {
    std::byte* const page = mmap_anywhere(os::page_size(), native(access), 0);
    if (page == nullptr) {
        return std::nullopt;
    }
    const std::optional<bool> can = can_be_read(page);
    (void)::munmap(page, os::page_size());
    return can ? std::optional(!*can) : std::nullopt;
}

/// personality(2), READ_IMPLIES_EXEC: applies to pages mapped or changed from now on. It can change
/// at any time, so it is read each time. True if a filter denies the call.
bool does_reading_imply_executing() noexcept {
    constexpr unsigned long only_ask = 0xffffffff;
    const long answer = ::syscall(SYS_personality, only_ask);
    return answer < 0 || (answer & READ_IMPLIES_EXEC) != 0;
}

}  // namespace

std::size_t os::page_size() noexcept {
    static constinit std::atomic<std::size_t> bytes{0};
    std::size_t known = bytes.load(std::memory_order_relaxed);
    if (known == 0) [[unlikely]] {
        known = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
        bytes.store(known, std::memory_order_relaxed);
    }
    return known;
}

std::size_t os::allocation_granularity() noexcept { return page_size(); }

os::Result<std::byte*> os::map(std::size_t bytes, std::size_t alignment, Access access,
                               Charge charge) noexcept {
    constexpr std::size_t smallest_page = 4096;
    if (alignment > smallest_page) [[unlikely]] {
        return map_aligned(bytes, alignment, access, charge);
    }
    std::byte* const base = mmap_anywhere(bytes, native(access), flags_of(charge));
    if (base == nullptr) [[unlikely]] {
        return refused(growth_by(bytes, bytes, access, charge));
    }
    return base;
}

void os::unmap(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    if (::munmap(base, bytes) != 0) [[unlikely]] {
        // The limit on mappings: unmapping would split one.
        (void)decommit(base, bytes);
    }
}

os::Result<std::byte*> os::resize(std::byte* base, std::size_t old_bytes, std::size_t new_bytes,
                                  std::size_t alignment) noexcept {
    const KeepErrno keep;
    const auto resized = [=](int flags) noexcept {
        void* moved = ::mremap(base, old_bytes, new_bytes, flags);
        if (moved == MAP_FAILED && errno == EFAULT) {
            forget_advice(base, old_bytes);
            moved = ::mremap(base, old_bytes, new_bytes, flags);
        }
        return moved == MAP_FAILED ? nullptr : static_cast<std::byte*>(moved);
    };
    const bool any_page_will_do = alignment <= page_size();
    if (std::byte* const moved = resized(any_page_will_do ? MREMAP_MAYMOVE : 0)) {
        return moved;
    }
    // EINVAL also means that no address space is that large; then copying fails too.
    if (errno == EFAULT || is_unknown_call()) {
        return not_supported();
    }
    if (!any_page_will_do && new_bytes > old_bytes) {
        return grow_elsewhere(base, old_bytes, new_bytes, alignment);
    }
    const std::size_t added = new_bytes > old_bytes ? new_bytes - old_bytes : 0;
    return refused({.address_space = added, .data = added, .charge = added});
}

os::Result<void> os::protect(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepErrno keep;
    const std::size_t data = allows(access, Access::write) ? bytes : 0;
    return done_or_refused(::mprotect(base, bytes, native(access)), {.data = data, .charge = data});
}

bool os::is_enforced(Access access) noexcept {
    const KeepErrno keep;
    if (access == Access::none) {
        return true;
    }
    if (allows(access, Access::read)) {
        return allows(access, Access::exec) || !does_reading_imply_executing();
    }
    // Write or execute without read.
    static constinit std::array<Remembered, 8> answers{};
    return answers[static_cast<std::size_t>(access)].or_ask(
        [access]() noexcept { return is_reading_denied(access); });
}

bool os::may_map(Access access) noexcept {
    const KeepErrno keep;
    return is_granted(access, Access::none);
}

bool os::may_become(Access from, Access to) noexcept {
    const KeepErrno keep;
    return is_granted(from, to);
}

}  // namespace memory_pages

#pragma GCC visibility pop
