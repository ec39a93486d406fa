// SPDX-License-Identifier: MIT
// Sources: proc(5), getrlimit(2) and the kernel's admin-guide/mm (transhuge, hugetlbpage).
#include "os/limits.hpp"
#include "os/huge.hpp"
#include "os/linux/errors.hpp"
#include "os/linux/huge.hpp"
#include "os/linux/kernel_files/cgroups.hpp"
#include "os/linux/kernel_files/proc.hpp"
#include "os/memory.hpp"
#include "os/posix/calls.hpp"
#include "os/posix/resource_limits.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

/// The sizes of the pools of huge pages, which are powers of two, combined in one number: from the
/// entries "hugepages-2048kB" of a directory.
std::size_t pool_sizes() noexcept {
    constexpr std::string_view start = "hugepages-";
    const int directory = os::open_file("/sys/kernel/mm/hugepages");
    if (directory < 0) {
        return 0;
    }
    std::size_t sizes = 0;
    alignas(std::uint64_t) std::array<char, 512> entries;
    for (long n = 1; n > 0;) {
        n = ::syscall(SYS_getdents64, directory, entries.data(), entries.size());
        std::string_view text(entries.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
        for (std::size_t at = text.find(start); at != std::string_view::npos;
             at = text.find(start)) {
            text.remove_prefix(at + start.size());
            sizes |= os::leading_number(text).value_or(0) * 1024;
        }
    }
    os::close_file(directory);
    return sizes;
}

[[gnu::noinline]] std::array<std::size_t, 8> huge_page_sizes() noexcept {
    std::array<std::size_t, 8> sizes{};
    std::size_t left = pool_sizes() | os::huge_page_size();
    for (std::size_t i = 0; i != sizes.size() && left != 0; ++i) {
        sizes[i] = left & -left;
        left -= sizes[i];
    }
    return sizes;
}

std::optional<Overcommit> overcommit() noexcept {
    constexpr std::array modes = {Overcommit::heuristic, Overcommit::always, Overcommit::never};
    const std::optional<std::size_t> mode = os::overcommit_mode();
    return mode && *mode < modes.size() ? std::optional(modes[*mode]) : std::nullopt;
}

/// A limit that always exists: not known without a value.
Limit limit(std::optional<std::size_t> used, std::optional<std::size_t> most) noexcept {
    return {.used = used, .most = most, .is_known = most.has_value()};
}

// Each function opens a file; not inlined, so that only one buffer is on the stack at a time.
[[gnu::noinline]] Limit committed() noexcept {
    os::ProcFile file("/proc/meminfo");
    const std::optional<std::size_t> most = os::bytes_in(file, "CommitLimit:");
    return limit(os::bytes_in(file, "Committed_AS:"), most);
}

[[gnu::noinline]] Limit locked() noexcept {
    os::ProcFile file("/proc/self/status");
    return os::limit_of(RLIMIT_MEMLOCK, os::bytes_in(file, "VmLck:"));
}

[[gnu::noinline]] MemoryLimits without_groups() noexcept {
    return {
        .page_size = os::page_size(),
        .allocation_granularity = os::allocation_granularity(),
        .huge_page_sizes = huge_page_sizes(),
        .transparent_huge_pages = os::transparent_huge_pages(),
        .overcommit = overcommit(),
        .committed = committed(),
        .mappings = limit(os::mappings_in_use(), os::map_count_limit()),
        .locked = locked(),
        .address_space = os::limit_of(RLIMIT_AS, os::address_space_in_use()),
        .data = os::limit_of(RLIMIT_DATA, os::data_in_use()),
    };
}

}  // namespace

std::optional<std::size_t> os::address_space_limit() noexcept {
    const KeepErrno keep;
    return resource_limit(RLIMIT_AS);
}

MemoryLimits os::memory_limits() noexcept {
    const KeepErrno keep;
    MemoryLimits limits = without_groups();
    const GroupLimits memory = memory_of_groups("");
    limits.group_memory = memory.own;
    limits.group_memory_above = memory.above;
    const auto& sizes = limits.huge_page_sizes;
    huge_pages_of_groups("", {sizes.begin(), std::ranges::find(sizes, std::size_t{0})},
                         limits.group_huge_pages);
    return limits;
}

bool os::has_commit_limit() noexcept {
    const KeepErrno keep;
    return overcommit_mode().value_or(1) != 1;
}

bool os::can_map_uncharged() noexcept {
    const KeepErrno keep;
    return overcommit_mode().value_or(2) != 2;
}

}  // namespace memory_pages

#pragma GCC visibility pop
