// SPDX-License-Identifier: MIT
#include "clear.hpp"
#include "icache.hpp"
#include "linux_guards.hpp"
#include "linux_huge.hpp"
#include "linux_limits.hpp"
#include "linux_places.hpp"
#include "linux_refusals.hpp"
#include "os.hpp"
#include "posix.hpp"

#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>

#pragma GCC visibility push(hidden)

// Newer than the C library's headers of the oldest systems that build this.
#ifndef MADV_POPULATE_READ
constexpr int MADV_POPULATE_READ = 22;
constexpr int MADV_POPULATE_WRITE = 23;
#endif
#ifndef MADV_DONTNEED_LOCKED
constexpr int MADV_DONTNEED_LOCKED = 24;
#endif

namespace memory_pages {
namespace {

using detail::Access;
using detail::allows;
using os::KeepErrno;
using os::mmap_and_trim;
using os::mmap_anywhere;
using os::native;
using os::not_supported;
using os::refused;

int flags_of(os::Charge charge) noexcept {
    return charge == os::Charge::uncharged ? MAP_NORESERVE : 0;
}

/// What a mapping of so many bytes adds, in so much address space.
os::Growth growth_by(std::size_t bytes, std::size_t address_space, Access access,
                     os::Charge charge) noexcept {
    const std::size_t data = allows(access, Access::write) ? bytes : 0;
    return {.address_space = address_space,
            .data = data,
            .charge = charge == os::Charge::charged ? data : 0};
}

/// Pages at a multiple of `alignment`, which the kernel may choose by itself: it does so for sizes
/// in whole huge pages since Linux 6.7.
[[gnu::noinline]] Result<std::byte*> map_aligned(std::size_t bytes, std::size_t alignment,
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

/// Makes one mapping again of what sub-range advice has split, so that mremap(2) takes it.
void forget_advice(std::byte* base, std::size_t bytes) noexcept {
    (void)::madvise(base, bytes, MADV_NORMAL);
}

/// Whether a page may be mapped for one access and then be changed to the other.
bool is_granted(Access first, Access then) noexcept {
    std::byte* const page = mmap_anywhere(os::page_size(), native(first), 0);
    if (page == nullptr) {
        return false;
    }
    const bool is_changed = ::mprotect(page, os::page_size(), native(then)) == 0;
    (void)::munmap(page, os::page_size());
    return is_changed;
}

/// After a flush. membarrier(2): every thread of the process passes a core-serialising instruction.
Result<void> synchronize_threads() noexcept {
    if (os::icache::flush_reaches_threads()) {
        return {};
    }
    const auto barrier = [](int command) { return ::syscall(SYS_membarrier, command, 0, 0); };
    if (barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE) == 0) {
        return {};
    }
    if (errno == EPERM && barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE) == 0 &&
        barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE) == 0) {
        return {};
    }
    return not_supported();
}

}  // namespace

bool os::is_supported(Feature feature) noexcept {
    const KeepErrno keep;
    switch (feature) {
        case Feature::commit_charge:
            return overcommit_mode() != 1;
        case Feature::uncharged_pages:
            return overcommit_mode() != 2;
        case Feature::moving_pages:
            return true;
        case Feature::write_exec:
            return is_granted(Access::read_write_exec, Access::none);
        case Feature::becoming_write_exec:
            return is_granted(Access::read_write, Access::read_write_exec);
        case Feature::publishing:
            return synchronize_threads().has_value();
        case Feature::collapsing:
            return can_collapse();
        case Feature::many_guards:
            return can_mark_guards();
    }
    return false;
}

// -- sizes --------------------------------------------------------------------------------------

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

// -- mappings -----------------------------------------------------------------------------------

Result<std::byte*> os::map(std::size_t bytes, std::size_t alignment, Access access,
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
        // It would split a mapping at the limit on them.
        (void)decommit(base, bytes);
    }
}

void os::unmap_part(std::byte* base, std::size_t bytes, std::byte* /*whole*/,
                    bool /*is_last*/) noexcept {
    unmap(base, bytes);
}

Result<std::byte*> os::resize(std::byte* base, std::size_t old_bytes, std::size_t new_bytes,
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
    // EINVAL also says that no address space is that large; then there are no other pages either.
    if (errno == EFAULT || is_unknown_call() || !any_page_will_do) {
        return not_supported();
    }
    const std::size_t added = new_bytes > old_bytes ? new_bytes - old_bytes : 0;
    return refused({.address_space = added, .data = added, .charge = added});
}

// -- pages in use -------------------------------------------------------------------------------

Result<void> os::protect(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepErrno keep;
    const std::size_t data = allows(access, Access::write) ? bytes : 0;
    return done_or_refused(::mprotect(base, bytes, native(access)), {.data = data, .charge = data});
}

Result<void> os::make_executable(std::byte* base, std::size_t bytes, Access from,
                                 Access to) noexcept {
    if (!icache::is_coherent()) {
        if (!allows(from, Access::read)) {
            // Besides what other threads may be doing with them.
            if (Result<void> readable = protect(base, bytes, from | Access::read); !readable) {
                return readable;
            }
        }
        // Before the change, as errata of some cores demand, and while the pages can be read.
        icache::flush(base, bytes);
    }
    Result<void> done = protect(base, bytes, to);
    if (!done || icache::is_coherent()) {
        return done;
    }
    const KeepErrno keep;
    return synchronize_threads();
}

Result<void> os::publish(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    icache::flush(base, bytes);
    return synchronize_threads();
}

void os::begin_writing() noexcept {}
void os::end_writing() noexcept {}

bool os::is_enforced(Access access) noexcept {
    const KeepErrno keep;
    if (allows(access, Access::read) || access == Access::none) {
        return true;
    }
    // Reading is denied beside another right.
    enum : signed char { unknown, no, yes };
    static std::array<std::atomic<signed char>, 8> answers{};
    std::atomic<signed char>& answer = answers[static_cast<std::size_t>(access)];
    if (answer.load(std::memory_order_relaxed) == unknown) {
        std::byte* const page = mmap_anywhere(page_size(), native(access), 0);
        if (page == nullptr) {
            return false;
        }
        const bool is_denied = !can_be_read(page);
        (void)::munmap(page, page_size());
        answer.store(is_denied ? yes : no, std::memory_order_relaxed);
    }
    return answer.load(std::memory_order_relaxed) == yes;
}

// Never posix_madvise(3): glibc ignores its DONTNEED.
Result<void> os::decommit(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    if (::madvise(base, bytes, MADV_DONTNEED) == 0) {
        return {};
    }
    // EINVAL: locked pages, which want a call of their own (Linux 5.18).
    if (errno == EINVAL && ::madvise(base, bytes, MADV_DONTNEED_LOCKED) == 0) {
        return {};
    }
    return errno == EINVAL ? Result<void>(not_supported()) : Result<void>(refused());
}

Result<void> os::discard(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    if (::madvise(base, bytes, MADV_FREE) == 0) {
        return {};
    }
    return decommit(base, bytes);
}

Result<void> os::zero(std::byte* base, std::size_t bytes) noexcept {
    // Dropping and faulting few pages again costs more than clearing them.
    constexpr std::size_t few_pages = 16;
    if (bytes <= few_pages * page_size() || !decommit(base, bytes)) {
        std::memset(base, 0, bytes);
    }
    return {};
}

void os::clear(std::byte* base, std::size_t bytes) noexcept { write_zeros(base, bytes); }

Result<void> os::populate(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepErrno keep;
    const int how = allows(access, Access::write) ? MADV_POPULATE_WRITE : MADV_POPULATE_READ;
    if (::madvise(base, bytes, how) == 0) {
        return {};
    }
    if (is_unknown_call()) {  // Before Linux 5.14.
        touch(base, bytes, access);
        return {};
    }
    return refused();
}

// -- reservations -------------------------------------------------------------------------------

Result<std::byte*> os::reserve(std::size_t bytes, std::size_t alignment) noexcept {
    const KeepErrno keep;
    // Not without charge (MAP_NORESERVE): what is committed later is to be charged.
    return map(bytes, alignment, Access::none, Charge::charged);
}

void os::release(std::byte* base, std::size_t bytes) noexcept { unmap(base, bytes); }

Result<void> os::commit(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepErrno keep;
    if (::mprotect(base, bytes, native(access)) == 0) [[likely]] {
        return {};
    }
    const auto error = refused(growth_by(bytes, 0, access, Charge::charged));
    // What is reserved may be several mappings, of which the first have changed, and are charged.
    (void)uncommit(base, bytes);
    return error;
}

Result<void> os::uncommit(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    // A new mapping over our own: mprotect(2) alone would keep the charge.
    if (::mmap(base, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
        MAP_FAILED) {
        return {};
    }
    const auto error = refused();
    if (!decommit(base, bytes) || !protect(base, bytes, Access::none)) {
        return error;
    }
    return {};
}

Result<void> os::move(std::byte* from, std::size_t bytes, std::byte* to) noexcept {
    const KeepErrno keep;
    forget_advice(from, bytes);
    if (::mremap(from, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to) != MAP_FAILED) {
        return {};
    }
    if (errno == ENOSYS) {
        return not_supported();
    }
    // Linux looks at the limit on mappings before it unmaps the target. After any other refusal the
    // target may be somebody else's by now, so whatever is there is not touched again.
    const auto error = refused({.address_space = bytes});
    return error.error() == PageError::map_count_limit ? Result<void>(not_supported())
                                                       : Result<void>(error);
}

}  // namespace memory_pages

#pragma GCC visibility pop
