// SPDX-License-Identifier: MIT
// Huge pages on Linux: transparent ones, and those of a pool. Facts are from madvise(2), mmap(2)
// and the kernel's admin-guide/mm (transhuge, hugetlbpage).
#include "linux_huge.hpp"
#include "linux_proc.hpp"
#include "linux_refusals.hpp"
#include "os.hpp"
#include "posix.hpp"

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

/// Whether the kernel builds huge pages for this process where it is told to.
bool are_built() noexcept {
    return !os::says("/sys/kernel/mm/transparent_hugepage/enabled", "[never]") &&
           ::prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) != 1;
}

std::byte* mmap_huge(std::byte* where, std::size_t bytes, os::Access access, int flags) noexcept {
    const int size_of_each = std::countr_zero(os::huge_page_size()) << MAP_HUGE_SHIFT;
    void* const base =
        ::mmap(where, bytes, os::native(access),
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | size_of_each | flags, -1, 0);
    return base == MAP_FAILED ? nullptr : static_cast<std::byte*>(base);
}

/// Why there are none. ENOMEM says that the pool has not as many, whatever else there is.
std::unexpected<std::error_code> no_huge_pages() noexcept {
    if (errno == ENOMEM) {
        return std::unexpected(make_error_code(PageError::huge_page_limit));
    }
    return os::is_unknown_call() ? os::not_supported() : os::refused();
}

}  // namespace

std::size_t os::huge_page_size() noexcept {
    constexpr std::size_t unknown = 1;
    static constinit std::atomic<std::size_t> bytes{unknown};
    if (bytes.load(std::memory_order_relaxed) == unknown) {
        const KeepErrno keep;
        bytes.store(number_in("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size"),
                    std::memory_order_relaxed);
    }
    return bytes.load(std::memory_order_relaxed);
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
            if (const Result<std::byte*> page = map_huge(huge_page_size(), 1, Access::none)) {
                unmap(*page, huge_page_size());
                return true;
            }
            return false;
    }
    return false;
}

Result<std::byte*> os::map_huge(std::size_t bytes, std::size_t alignment, Access access) noexcept {
    const KeepErrno keep;
    if (huge_page_size() == 0) {
        return not_supported();
    }
    std::byte* const anywhere = mmap_huge(nullptr, bytes, access, 0);
    if (anywhere == nullptr) {
        return no_huge_pages();
    }
    if (reinterpret_cast<std::uintptr_t>(anywhere) % alignment == 0) {
        return anywhere;
    }
    (void)::munmap(anywhere, bytes);
    const Result<std::byte*> place = reserve(bytes, alignment);
    if (!place) {
        return place;
    }
    if (mmap_huge(*place, bytes, access, MAP_FIXED) == nullptr) {
        const auto error = no_huge_pages();
        release(*place, bytes);
        return error;
    }
    return place;
}

void os::set_huge_pages(std::byte* base, std::size_t bytes, HugePages policy) noexcept {
    const KeepErrno keep;
    (void)::madvise(base, bytes, policy == HugePages::prefer ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
}

Result<void> os::collapse(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    if (::madvise(base, bytes, collapse_advice) == 0) {
        return {};
    }
    return is_unknown_call() ? Result<void>(not_supported()) : Result<void>(refused());
}

bool os::can_collapse() noexcept {
    const std::size_t bytes = transparent_huge_page_size();
    if (bytes == 0) {
        return false;
    }
    const Result<std::byte*> base = map(bytes, bytes, Access::read_write, Charge::uncharged);
    if (!base) {
        return false;
    }
    touch(*base, 1, Access::write);
    const Result<void> done = collapse(*base, bytes);
    unmap(*base, bytes);
    return done || done.error() != std::errc::operation_not_supported;
}

}  // namespace memory_pages

#pragma GCC visibility pop
