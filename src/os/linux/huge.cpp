// SPDX-License-Identifier: MIT
// Huge pages on Linux: transparent ones, and those of the hugetlb pool. Sources: madvise(2),
// mmap(2) and the kernel's admin-guide/mm (transhuge, hugetlbpage).
#include "os/huge.hpp"
#include "os/linux/errors.hpp"
#include "os/linux/huge.hpp"
#include "os/linux/kernel_files/cgroups.hpp"
#include "os/linux/kernel_files/proc.hpp"
#include "os/memory.hpp"
#include "os/posix/calls.hpp"
#include "os/reserve.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>

#include <atomic>
#include <bit>
#include <cerrno>
#include <cstdint>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using os::KeepErrno;

constexpr int collapse_advice = 25;  // MADV_COLLAPSE, newer than the C library's headers.

/// Whether the cause is temporary: not for a file that does not exist, or that this process may not
/// open.
bool may_pass(os::Error error) noexcept {
    return error != os::Error::no_such_file_or_directory && error != os::Error::permission_denied &&
           error != os::Error::operation_not_permitted;
}

/// Whether MADV_HUGEPAGE has an effect in this process.
bool are_built() noexcept {
    const std::optional<TransparentHugePages> policy = os::transparent_huge_pages();
    return policy && *policy != TransparentHugePages::never &&
           ::prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) != 1;
}

std::byte* mmap_huge(std::byte* where, std::size_t bytes, os::Access access, int flags) noexcept {
    const int size_of_each = std::countr_zero(os::huge_page_size()) << MAP_HUGE_SHIFT;
    void* const base =
        ::mmap(where, bytes, os::native(access),
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | size_of_each | flags, -1, 0);
    return base == MAP_FAILED ? nullptr : static_cast<std::byte*>(base);
}

/// The error for a refused mapping. ENOMEM means that the pool is too small, whatever other memory
/// there is.
std::unexpected<os::Error> no_huge_pages() noexcept {
    if (errno == ENOMEM) {
        return std::unexpected(os::Error::huge_page_limit);
    }
    return os::is_unknown_call() ? os::not_supported() : os::refused();
}

/// For more alignment than the kernel's address has: finds a free range, frees it, and maps there
/// unless another thread was faster. Does not map over the range with MAP_FIXED: a refusal may have
/// unmapped it, and another thread may own it by then.
os::Result<std::byte*> map_huge_aligned(std::size_t bytes, std::size_t alignment,
                                        os::Access access) noexcept {
    constexpr int most_tries = 16;
    for (int tries = 0; tries < most_tries; ++tries) {
        const os::Result<std::byte*> room = os::reserve(bytes, alignment);
        if (!room) {
            return room;
        }
        if (::munmap(*room, bytes) != 0) {
            return os::refused();
        }
        std::byte* const base = mmap_huge(*room, bytes, access, MAP_FIXED_NOREPLACE);
        if (base == *room) {
            return base;
        }
        if (base != nullptr) {  // Before Linux 4.17 the address is only a hint.
            (void)::munmap(base, bytes);
        } else if (errno != EEXIST) {
            return no_huge_pages();
        }
    }
    return std::unexpected(os::Error::not_enough_memory);
}

}  // namespace

std::size_t os::huge_page_size() noexcept {
    constexpr std::size_t unknown = 1;
    static constinit std::atomic<std::size_t> known{unknown};
    std::size_t bytes = known.load(std::memory_order_relaxed);
    if (bytes == unknown) [[unlikely]] {
        const KeepErrno keep;
        const os::Result<std::size_t> told =
            number_in("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size");
        if (!told && may_pass(told.error())) {
            return 0;
        }
        bytes = told.value_or(0);
        known.store(bytes, std::memory_order_relaxed);
    }
    return bytes;
}

// The file has the form "always [madvise] never".
std::optional<TransparentHugePages> os::transparent_huge_pages() noexcept {
    ProcFile file("/sys/kernel/mm/transparent_hugepage/enabled");
    const std::string_view policies = file.next();
    if (policies.contains("[always]")) {
        return TransparentHugePages::always;
    }
    if (policies.contains("[madvise]")) {
        return TransparentHugePages::when_asked;
    }
    return policies.contains("[never]") ? std::optional(TransparentHugePages::never) : std::nullopt;
}

std::size_t os::transparent_huge_page_size() noexcept { return huge_page_size(); }

bool os::is_supported(HugePages policy) noexcept {
    const KeepErrno keep;
    switch (policy) {
        case HugePages::system:
        case HugePages::never:
            return true;
        case HugePages::prefer:
            return transparent_huge_page_size() != 0 && are_built();
        case HugePages::require:
            if (const os::Result<std::byte*> page = map_huge(huge_page_size(), 1, Access::none)) {
                unmap(*page, huge_page_size());
                return true;
            }
            return false;
    }
    return false;
}

os::Result<std::byte*> os::map_huge(std::size_t bytes, std::size_t alignment,
                                    Access access) noexcept {
    const KeepErrno keep;
    if (huge_page_size() == 0) {
        return not_supported();
    }
    // The kernel checks a group's limit when pages are touched, and then ends the process.
    if (groups_refuse_huge_pages("", huge_page_size(), bytes)) {
        return std::unexpected(os::Error::huge_page_limit);
    }
    std::byte* const anywhere = mmap_huge(nullptr, bytes, access, 0);
    if (anywhere == nullptr) {
        return no_huge_pages();
    }
    if (reinterpret_cast<std::uintptr_t>(anywhere) % alignment == 0) {
        return anywhere;
    }
    (void)::munmap(anywhere, bytes);
    return map_huge_aligned(bytes, alignment, access);
}

// EINVAL: this kernel, or these pages, do not support the advice.
bool os::set_huge_pages(std::byte* base, std::size_t bytes, HugePages policy) noexcept {
    const KeepErrno keep;
    return ::madvise(base, bytes, policy == HugePages::prefer ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) ==
               0 ||
           errno == EINVAL;
}

os::Result<void> os::collapse(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    // EAGAIN is temporary: another processor holds some of the pages.
    constexpr int most_tries = 10;
    for (int tries = 0; tries < most_tries; ++tries) {
        if (::madvise(base, bytes, collapse_advice) == 0) {
            return {};
        }
        if (errno != EAGAIN) {
            break;
        }
    }
    return is_unknown_call() ? os::Result<void>(not_supported()) : os::Result<void>(refused());
}

// Tries it with ordinary, filled pages.
bool os::can_collapse() noexcept {
    const KeepErrno keep;
    const std::size_t bytes = transparent_huge_page_size();
    if (bytes == 0) {
        return false;
    }
    const os::Result<std::byte*> base = map(bytes, bytes, Access::read_write, Charge::uncharged);
    if (!base) {
        return false;
    }
    touch(*base, 1, Access::write);
    const os::Result<void> done = collapse(*base, bytes);
    unmap(*base, bytes);
    return done || done.error() != os::Error::operation_not_supported;
}

}  // namespace memory_pages

#pragma GCC visibility pop
