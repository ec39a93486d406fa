// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The limits of the running system, read at each call: `std::cout << memory_limits()`. For
/// programs that size themselves, and for error reports.

#include <array>
#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>

namespace memory_pages {

/// Whether the system promises more memory than it has.
enum class Overcommit {
    never,      ///< Refuses more than the commit limit. Linux: `vm.overcommit_memory` 2. Windows.
    heuristic,  ///< Refuses obvious overcommits. Linux: `vm.overcommit_memory` 0.
    always,     ///< Refuses nothing. Linux: `vm.overcommit_memory` 1. macOS.
};

/// For which memory the system uses transparent huge pages.
enum class TransparentHugePages {
    never,       ///< None.
    when_asked,  ///< Memory with `HugePages::prefer`. Linux: `madvise`.
    always,      ///< All memory large enough, except with `HugePages::never`.
};

/// A limit, and how much of it is used.
struct Limit {
    /// The amount in use now; `std::nullopt` if the system does not report it.
    std::optional<std::size_t> used = {};
    /// The limit; `std::nullopt` if there is none, or it is not known.
    std::optional<std::size_t> most = {};
    /// Whether the system reports the limit: without a value in `most`, true means that there is
    /// none.
    bool is_known = true;
};

/// The limits of this process. Sizes are in bytes.
struct MemoryLimits {
    std::size_t page_size = 0;               ///< As `page_size()`.
    std::size_t allocation_granularity = 0;  ///< As `allocation_granularity()`.

    /// The sizes of huge pages in ascending order, then zeros. Linux: `/sys/kernel/mm/hugepages`,
    /// and `huge_page_size()`. Windows: `huge_page_size()`. macOS: none.
    std::array<std::size_t, 8> huge_page_sizes{};

    /// `std::nullopt` if the system has no transparent huge pages, or does not report it. Linux:
    /// `transparent_hugepage/enabled`.
    std::optional<TransparentHugePages> transparent_huge_pages = {};

    /// `std::nullopt` if the system does not report it.
    std::optional<Overcommit> overcommit = {};

    /// The system-wide commit charge and its limit; beyond it: `PageError::commit_limit`. Linux:
    /// `Committed_AS` and `CommitLimit` of `/proc/meminfo`; the limit applies only if overcommit is
    /// `never`. Windows: GetPerformanceInfo. macOS: none.
    Limit committed = {};

    /// The number of mappings of this process; beyond the limit: `PageError::map_count_limit`.
    /// Counting takes time in proportion to their number. Linux: `/proc/self/maps` and
    /// `vm.max_map_count`. Windows, macOS: no limit, and not counted.
    Limit mappings = {};

    /// The memory that this process has locked; beyond the limit: `PageError::lock_limit`. Linux,
    /// macOS: `RLIMIT_MEMLOCK`, and `VmLck` of `/proc/self/status`. Windows: the minimum working
    /// set; VirtualLock stops a few pages below it.
    Limit locked = {};

    /// The address space of this process, with reservations; beyond the limit:
    /// `PageError::address_space_limit`. Linux, macOS: `RLIMIT_AS`, and `/proc/self/statm`.
    /// Windows: none.
    Limit address_space = {};

    /// The writable private memory of this process; beyond the limit: `PageError::data_limit`.
    /// Linux, macOS: `RLIMIT_DATA`, and `/proc/self/statm`. Windows: none.
    Limit data = {};

    /// The memory of this process's control group, that is of all its processes, with files in the
    /// page cache. Exceeding the limit is not an error: the system reclaims memory, and then ends a
    /// process of the group. Linux: `memory.max` and `memory.current` (version 2),
    /// `memory.limit_in_bytes` and `memory.usage_in_bytes` (version 1). Windows, macOS: none.
    Limit group_memory = {};

    /// The same for the ancestor group with the lowest limit. Not known if a namespace or a mount
    /// hides ancestors, unless a visible one has a limit.
    Limit group_memory_above = {};

    /// The huge pages of control groups, one entry for each of `huge_page_sizes`, of the group with
    /// the lowest limit among the process's own and its ancestors; beyond it:
    /// `PageError::huge_page_limit`. Linux: `hugetlb.<size>.max` (version 2),
    /// `hugetlb.<size>.limit_in_bytes` (version 1); used is the larger of what is reserved (`rsvd`,
    /// where counted) and what is touched.
    std::array<Limit, 8> group_huge_pages{};
};

/// Reads all limits, one after the other: they are not one snapshot. Any thread, also in a signal
/// handler; allocates nothing. Linux: some 80 system calls. A limit that cannot be read (no `/proc`
/// or `/sys`, no free descriptor) is empty, never guessed.
[[nodiscard]] MemoryLimits memory_limits() noexcept;

/// One line for each limit; the last has no line break.
[[nodiscard]] std::string to_string(const MemoryLimits& limits);

/// Writes `to_string(limits)` to a stream.
template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out,
                                             const MemoryLimits& limits) {
    return out << to_string(limits);
}

}  // namespace memory_pages
