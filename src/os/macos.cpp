// SPDX-License-Identifier: MIT
// One file for both processors: where they differ, the system is asked. macos_calls.hpp names the
// sources.
#include "clear.hpp"
#include "macos_calls.hpp"
#include "macos_code.hpp"
#include "os.hpp"
#include "posix.hpp"

#include <mach/mach.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using detail::Access;
using detail::allows;
using os::done_or_refused;
using os::is_jit;
using os::KeepErrno;
using os::madvise_again;
using os::mmap_at;
using os::native;
using os::refused;
using os::Writing;

/// For madvise(2); what no kernel knows where there is no such advice: of those that customers have
/// none pages out when told to (xnu, madvise: MADV_PAGEOUT).
int number_of(Advice advice) noexcept {
    switch (advice) {
        case Advice::normal:
            return MADV_NORMAL;
        case Advice::use_soon:
            return MADV_WILLNEED;
        case Advice::sequential:
            return MADV_SEQUENTIAL;
        case Advice::random:
            return MADV_RANDOM;
        case Advice::cold:  // It keeps every byte (xnu, vm_map_msync with VM_SYNC_DEACTIVATE).
            return MADV_DONTNEED;
        case Advice::page_out:
        case Advice::never_merge:
            break;
    }
    return -1;
}

/// New pages over our own: whatever was there is gone at return, and they read zero. In one step;
/// refused, it leaves what was there (xnu, mmap). Never over pages with MAP_JIT: there cannot be
/// any in their place.
bool mmap_anew(std::byte* base, std::size_t bytes, int protection) noexcept {
    return mmap_at(base, bytes, protection, MAP_FIXED) != nullptr;
}

/// A larger piece, trimmed at both ends. Nothing is charged for what is too much of it.
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

/// Whether all of these pages may be read and written, and none be executed: so none needs MAP_JIT
/// (which pages that were executable may have on Intel, and lose), and new ones can be mapped in
/// their place.
bool is_plain(std::byte* base, std::size_t bytes) noexcept {
    auto next = reinterpret_cast<vm_address_t>(base);
    const vm_address_t end = next + bytes;
    while (next < end) {
        vm_address_t first = next;
        vm_size_t size = 0;
        vm_region_basic_info_data_64_t info{};
        mach_msg_type_number_t count = VM_REGION_BASIC_INFO_COUNT_64;
        mach_port_t unused = MACH_PORT_NULL;
        if (::vm_region_64(mach_task_self(), &first, &size, VM_REGION_BASIC_INFO_64,
                           reinterpret_cast<vm_region_info_t>(&info), &count,
                           &unused) != KERN_SUCCESS ||
            first > next || info.protection != (VM_PROT_READ | VM_PROT_WRITE)) {
            return false;
        }
        next = first + size;
    }
    return true;
}

/// Whether a page may be mapped for one access, and then be changed to the other if that is
/// another.
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

/// Puts other pages in the place of these, with the same bytes, in one step (xnu, vm_map_remap).
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

/// mprotect, but for pages with MAP_JIT: on arm64 what is writable and executable stays so, EACCES
/// (xnu, vm_map_protect, used_for_jit).
Result<void> change_protection(std::byte* base, std::size_t bytes, Access access) noexcept {
    if (::mprotect(base, bytes, native(access)) == 0) {
        return {};
    }
    const auto error = refused();
    if (errno == EACCES && !is_jit(access) && replace(base, bytes, native(access))) {
        return {};
    }
    return error;
}

}  // namespace

bool os::is_supported(Feature feature) noexcept {
    const KeepErrno keep;
    switch (feature) {
        case Feature::commit_charge:
        case Feature::moving_pages:
        case Feature::collapsing:
        case Feature::many_guards:
            return false;
        case Feature::uncharged_pages:
            return true;
        case Feature::write_exec:
            return is_granted(Access::read_write_exec, Access::read_write_exec);
        case Feature::becoming_write_exec:
            return is_granted(Access::read_write, Access::read_write_exec);
        case Feature::publishing:
            return synchronize_threads().has_value();
    }
    return false;
}

// -- sizes --------------------------------------------------------------------------------------

// mach/vm_page_size.h: of this task, which may be another than the kernel's own (Rosetta).
std::size_t os::page_size() noexcept { return vm_page_size; }

std::size_t os::allocation_granularity() noexcept { return page_size(); }

// VM_FLAGS_SUPERPAGE_SIZE_2MB is for x86-64 alone, and cannot be protected page by page.
std::size_t os::huge_page_size() noexcept { return 0; }

std::size_t os::transparent_huge_page_size() noexcept { return 0; }

// -- mappings -----------------------------------------------------------------------------------

// Nothing is ever charged: memory is found, or a process ended, when pages are touched.
Result<std::byte*> os::map(std::size_t bytes, std::size_t alignment, Access access,
                           Charge /*unused*/) noexcept {
    const int flags = is_jit(access) ? MAP_JIT : 0;
    std::byte* const base = alignment <= page_size()
                                ? mmap_at(nullptr, bytes, native(access), flags)
                                : mmap_and_trim(bytes, alignment, native(access), flags);
    if (base == nullptr) [[unlikely]] {
        // xnu, mmap: EINVAL is what a process hears that is not entitled to MAP_JIT, and else a
        // size that no address space has room for.
        if (errno == EINVAL || errno == EPERM) {
            errno = is_jit(access) ? EACCES : ENOMEM;
        }
        return refused();
    }
    return base;
}

// munmap(2): only what breaks its preconditions is refused.
void os::unmap(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    (void)::munmap(base, bytes);
}

void os::unmap_part(std::byte* base, std::size_t bytes, std::byte* /*whole*/,
                    bool /*is_last*/) noexcept {
    unmap(base, bytes);
}

Result<std::byte*> os::resize(std::byte* base, std::size_t old_bytes, std::size_t new_bytes,
                              std::size_t /*alignment*/) noexcept {
    if (new_bytes > old_bytes) {
        return not_supported();
    }
    if (new_bytes < old_bytes) {
        unmap(base + new_bytes, old_bytes - new_bytes);
    }
    return base;
}

// -- huge pages ---------------------------------------------------------------------------------

bool os::is_supported(HugePages policy) noexcept {
    return policy == HugePages::system || policy == HugePages::never;
}

Result<std::byte*> os::map_huge(std::size_t, std::size_t, Access) noexcept {
    return not_supported();
}

void os::set_huge_pages(std::byte*, std::size_t, HugePages) noexcept {}

Result<void> os::collapse(std::byte*, std::size_t) noexcept { return not_supported(); }

// -- pages in use -------------------------------------------------------------------------------

Result<void> os::protect(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepErrno keep;
    return change_protection(base, bytes, access);
}

// mmap(2): writing or executing may imply reading, and on both processors does (xnu, mmap).
bool os::is_enforced(Access access) noexcept {
    return allows(access, Access::read) || access == Access::none;
}

// docs/decisions/0008-pages-are-replaced-on-macos.md
Result<void> os::decommit(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    if (is_plain(base, bytes)) {
        return mmap_anew(base, bytes, PROT_READ | PROT_WRITE) ? Result<void>()
                                                              : Result<void>(refused());
    }
    if (madvise_again(base, bytes, MADV_FREE_REUSABLE) == 0) {
        return {};
    }
    return not_supported();
}

// madvise(2): the range stays valid. Pages that are written again are in use again by that alone.
Result<void> os::discard(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    return done_or_refused(madvise_again(base, bytes, MADV_FREE));
}

// Never by MADV_DONTNEED, which keeps every byte.
Result<void> os::zero(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    // Mapping few pages anew, and faulting them in, costs more than clearing them.
    constexpr std::size_t few_pages = 16;
    if (bytes > few_pages * page_size() && is_plain(base, bytes) &&
        mmap_anew(base, bytes, PROT_READ | PROT_WRITE)) {
        return {};
    }
    const Writing writing;
    std::memset(base, 0, bytes);
    return {};
}

void os::clear(std::byte* base, std::size_t bytes) noexcept {
    const Writing writing;
    write_zeros(base, bytes);
}

// Touches each page, without changing a byte even if other threads do. MADV_WILLNEED does so only
// in newer systems.
Result<void> os::populate(std::byte* base, std::size_t bytes, Access access) noexcept {
    const Writing writing;
    touch(base, bytes, access);
    return {};
}

Result<void> os::advise(std::byte* base, std::size_t bytes, Advice advice) noexcept {
    const KeepErrno keep;
    if (!os::is_supported(advice)) {
        return {};
    }
    // EPERM: MADV_WILLNEED of pages without access (xnu, vm_map_willneed).
    if (madvise_again(base, bytes, number_of(advice)) == 0 || errno == EINVAL || errno == ENOTSUP ||
        errno == EPERM) {
        return {};
    }
    return refused();
}

Result<void> os::decommit_all(std::span<const Range> ranges) noexcept {
    return one_by_one(ranges, decommit);
}

Result<void> os::discard_all(std::span<const Range> ranges) noexcept {
    return one_by_one(ranges, discard);
}

Result<void> os::advise_all(std::span<const Range> ranges, Advice advice) noexcept {
    return one_by_one(ranges, [advice](std::byte* base, std::size_t bytes) noexcept {
        return advise(base, bytes, advice);
    });
}

bool os::is_supported(Advice advice) noexcept { return number_of(advice) != -1; }

// -- reservations -------------------------------------------------------------------------------

Result<std::byte*> os::reserve(std::size_t bytes, std::size_t alignment) noexcept {
    const KeepErrno keep;
    return map(bytes, alignment, Access::none, Charge::uncharged);
}

// mmap(2): an address without MAP_FIXED is a wish.
Result<std::byte*> os::reserve_at(std::byte* where, std::size_t bytes) noexcept {
    const KeepErrno keep;
    std::byte* const base = mmap_at(where, bytes, PROT_NONE, 0);
    if (base == where) {
        return base;
    }
    if (base != nullptr) {
        unmap(base, bytes);
    }
    return std::unexpected(std::make_error_code(std::errc::address_in_use));
}

void os::release(std::byte* base, std::size_t bytes) noexcept { unmap(base, bytes); }

Result<void> os::commit(std::byte* base, std::size_t bytes, Access access) noexcept {
    return protect(base, bytes, access);
}

// mprotect(2) alone would keep the bytes and their memory.
Result<void> os::uncommit(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    return mmap_anew(base, bytes, PROT_NONE) ? Result<void>() : Result<void>(refused());
}

// mach_vm_remap shares pages before it moves them, and what was shared once is discarded and copied
// in other ways (xnu, vm_map_remap_extract). Copying, which the library does, has no such past.
Result<void> os::move(std::byte* /*from*/, std::size_t /*bytes*/, std::byte* /*to*/) noexcept {
    return not_supported();
}

}  // namespace memory_pages

#pragma GCC visibility pop
