// SPDX-License-Identifier: MIT
#include "os/advice.hpp"
#include "os/linux/batches.hpp"
#include "os/linux/errors.hpp"
#include "os/memory.hpp"
#include "os/posix/calls.hpp"

#include <sys/mman.h>
#include <sys/sysinfo.h>

#pragma GCC visibility push(hidden)

// Newer than the headers of some C libraries.
#ifndef MADV_COLD
constexpr int MADV_COLD = 20;
constexpr int MADV_PAGEOUT = 21;
#endif

namespace memory_pages {
namespace {

/// Pages that are not of a file can only be paged out to swap.
bool has_swap() noexcept {
    struct sysinfo info{};
    return ::sysinfo(&info) == 0 && info.totalswap != 0;
}

/// The advice for madvise(2); -1, which no kernel knows, if there is none.
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
        case Advice::cold:
            return MADV_COLD;
        case Advice::page_out:
            return MADV_PAGEOUT;
        case Advice::never_merge:
            return MADV_UNMERGEABLE;
    }
    return -1;
}

}  // namespace

// EINVAL is also the error for locked pages with MADV_COLD and MADV_PAGEOUT.
os::Result<void> os::advise(std::byte* base, std::size_t bytes, Advice advice) noexcept {
    const KeepErrno keep;
    if (::madvise(base, bytes, number_of(advice)) == 0 || is_unknown_call()) {
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
    const bool is_known = ::madvise(page, page_size(), number_of(advice)) == 0;
    (void)::munmap(page, page_size());
    return is_known && (advice != Advice::page_out || has_swap());
}

os::Result<void> os::advise_all(std::span<const Range> ranges, Advice advice) noexcept {
    return all_at_once(ranges, number_of(advice),
                       [advice](std::byte* base, std::size_t bytes) noexcept {
                           return advise(base, bytes, advice);
                       });
}

}  // namespace memory_pages

#pragma GCC visibility pop
