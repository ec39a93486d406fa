// SPDX-License-Identifier: MIT
// Facts are from proc(5), getrlimit(2) and the kernel's admin-guide/mm (transhuge, hugetlbpage).
#include "linux_limits.hpp"
#include "linux_proc.hpp"
#include "os.hpp"
#include "posix.hpp"
#include "posix_limits.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

/// Whether there is a pool of huge pages of this size.
bool has_pool(std::size_t bytes) noexcept {
    std::array<char, 64> path{};
    std::snprintf(path.data(), path.size(), "/sys/kernel/mm/hugepages/hugepages-%zukB",
                  bytes / 1024);
    return ::access(path.data(), F_OK) == 0;
}

std::array<std::size_t, 8> huge_page_sizes() noexcept {
    constexpr std::size_t largest = std::size_t{16} << 30;
    std::array<std::size_t, 8> sizes{};
    std::size_t count = 0;
    for (std::size_t bytes = 2 * os::page_size(); bytes <= largest && count != sizes.size();
         bytes *= 2) {
        if (bytes == os::huge_page_size() || has_pool(bytes)) {
            sizes[count++] = bytes;
        }
    }
    return sizes;
}

/// "always [madvise] never"
std::optional<TransparentHugePages> transparent_huge_pages() noexcept {
    os::ProcFile file("/sys/kernel/mm/transparent_hugepage/enabled");
    const std::string_view policies = file.next();
    if (policies.contains("[always]")) {
        return TransparentHugePages::always;
    }
    if (policies.contains("[madvise]")) {
        return TransparentHugePages::when_asked;
    }
    return policies.empty() ? std::nullopt : std::optional(TransparentHugePages::never);
}

Overcommit overcommit() noexcept {
    switch (os::overcommit_mode()) {
        case 1:
            return Overcommit::always;
        case 2:
            return Overcommit::never;
        default:
            return Overcommit::heuristic;
    }
}

Limit mappings() noexcept {
    const std::size_t most = os::map_count_limit();
    if (most == 0) {
        return {};
    }
    return {.used = os::mappings_in_use(), .most = most};
}

}  // namespace

MemoryLimits os::memory_limits() noexcept {
    const KeepErrno keep;
    return {
        .page_size = page_size(),
        .allocation_granularity = allocation_granularity(),
        .huge_page_sizes = huge_page_sizes(),
        .transparent_huge_pages = transparent_huge_pages(),
        .overcommit = overcommit(),
        .committed = {.used = bytes_in("/proc/meminfo", "Committed_AS:"),
                      .most = bytes_in("/proc/meminfo", "CommitLimit:")},
        .mappings = mappings(),
        .locked = {.used = bytes_in("/proc/self/status", "VmLck:"),
                   .most = resource_limit(RLIMIT_MEMLOCK)},
        .address_space = {.used = address_space_in_use(), .most = resource_limit(RLIMIT_AS)},
        .data = {.used = data_in_use(), .most = resource_limit(RLIMIT_DATA)},
    };
}

}  // namespace memory_pages

#pragma GCC visibility pop
