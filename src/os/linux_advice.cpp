// SPDX-License-Identifier: MIT
#include "linux_advice.hpp"
#include "linux_refusals.hpp"
#include "posix.hpp"

#include <sys/mman.h>
#include <sys/sysinfo.h>

#pragma GCC visibility push(hidden)

// Newer than some C libraries' headers.
#ifndef MADV_COLD
constexpr int MADV_COLD = 20;
constexpr int MADV_PAGEOUT = 21;
#endif

namespace memory_pages {
namespace {

/// Nothing that is not in a file can leave memory without.
bool has_swap() noexcept {
    struct sysinfo info{};
    return ::sysinfo(&info) == 0 && info.totalswap != 0;
}

}  // namespace

int os::native(Advice advice) noexcept {
    switch (advice) {
        case Advice::normal:
            return MADV_NORMAL;
        case Advice::use_soon:
            return MADV_WILLNEED;
        case Advice::sequential:
            return MADV_SEQUENTIAL;
        case Advice::random:
            return MADV_RANDOM;
        case Advice::cold:
            return MADV_COLD;
        case Advice::page_out:
            return MADV_PAGEOUT;
        case Advice::never_merge:
            return MADV_UNMERGEABLE;
    }
    return -1;
}

// EINVAL is also what locked pages answer that are to become cold, or to leave.
Result<void> os::advise(std::byte* base, std::size_t bytes, Advice advice) noexcept {
    const KeepErrno keep;
    if (::madvise(base, bytes, native(advice)) == 0 || is_unknown_call()) {
        return {};
    }
    return refused();
}

bool os::is_supported(Advice advice) noexcept {
    const KeepErrno keep;
    void* const page = ::mmap(nullptr, page_size(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        return false;
    }
    const bool is_known = ::madvise(page, page_size(), native(advice)) == 0;
    (void)::munmap(page, page_size());
    return is_known && (advice != Advice::page_out || has_swap());
}

}  // namespace memory_pages

#pragma GCC visibility pop
