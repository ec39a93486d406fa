// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What the running system allows, read now: `std::cout << memory_limits()`. For programs that size
/// themselves, and for reports of why they could not.

#include <array>
#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>

namespace memory_pages {

/// Whether memory is promised that may not be there when it is touched.
enum class Overcommit {
    never,      ///< What cannot be kept is refused. Linux: `vm.overcommit_memory` 2. Windows.
    heuristic,  ///< What could never be there is refused. Linux: 0.
    always,     ///< Nothing is refused. Linux: 1. macOS.
};

/// Which memory a system builds huge pages for.
enum class TransparentHugePages {
    never,       ///< None.
    when_asked,  ///< What was told `HugePages::prefer`. Linux calls it `madvise`.
    always,      ///< All that has room for one, unless it was told `HugePages::never`.
};

/// How much of something there may be.
struct Limit {
    /// How much there is now; nothing where the system does not tell.
    std::optional<std::size_t> used;
    /// The most there may be; nothing where there is no such limit.
    std::optional<std::size_t> most;
};

/// What the system allows this process. Sizes are in bytes.
struct MemoryLimits {
    std::size_t page_size = 0;               ///< As `page_size()`.
    std::size_t allocation_granularity = 0;  ///< As `allocation_granularity()`.

    /// The sizes of huge pages that there are, the smallest first; zero behind the last. Linux: of
    /// `/sys/kernel/mm/hugepages`, and `huge_page_size()`. Windows: `huge_page_size()`. macOS:
    /// none.
    std::array<std::size_t, 8> huge_page_sizes{};

    /// Nothing where a system builds no huge pages of ordinary ones. Linux:
    /// `transparent_hugepage/enabled`.
    std::optional<TransparentHugePages> transparent_huge_pages;

    Overcommit overcommit = Overcommit::always;

    /// What the whole system has promised, and may promise; `PageError::commit_limit` is beyond.
    /// Linux: `Committed_AS` and `CommitLimit` of `/proc/meminfo`; the latter holds only where
    /// overcommit is `never`. Windows: GetPerformanceInfo. macOS: none.
    Limit committed;

    /// The number of mappings of this process; `PageError::map_count_limit` is beyond. They are
    /// counted one by one, which takes as long as there are many. Linux: `/proc/self/maps` and
    /// `vm.max_map_count`. Windows, macOS: no limit, and not counted.
    Limit mappings;

    /// What this process has locked in memory; `PageError::lock_limit` is beyond. Linux, macOS:
    /// `RLIMIT_MEMLOCK`, used: `VmLck` of `/proc/self/status`. Windows: the minimum working set,
    /// which VirtualLock stays a few pages below.
    Limit locked;

    /// The address space of this process, reservations included; `PageError::address_space_limit`
    /// is beyond. Linux, macOS: `RLIMIT_AS`, used: `/proc/self/statm`. Windows: none.
    Limit address_space;

    /// The writable private memory of this process; `PageError::address_space_limit` is beyond this
    /// too. Linux, macOS: `RLIMIT_DATA`, used: `/proc/self/statm`. Windows: none.
    Limit data;
};

/// Reads them. Each is of its own moment. From any thread; takes no memory. Linux: what cannot be
/// read, since there is no `/proc` or `/sys`, is as if there were none.
[[nodiscard]] MemoryLimits memory_limits() noexcept;

/// One line for each, of which the last ends without a line break.
[[nodiscard]] std::string to_string(const MemoryLimits& limits);

/// The same, on a stream.
template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out,
                                             const MemoryLimits& limits) {
    return out << to_string(limits);
}

}  // namespace memory_pages
