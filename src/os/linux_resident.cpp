// SPDX-License-Identifier: MIT
// /proc/self/pagemap: what the page tables of this process hold. By the ioctl PAGEMAP_SCAN (Linux
// 6.7), else entry by entry (admin-guide/mm/pagemap.rst). Not mincore(2), which tells of the page
// cache and refuses ranges with holes.
#include "linux_refusals.hpp"
#include "os.hpp"
#include "posix.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using os::KeepErrno;

/// `struct page_region` and `struct pm_scan_arg` of linux/fs.h, newer than the headers of the
/// oldest systems that build this.
struct Run {
    std::uint64_t first;
    std::uint64_t end;
    std::uint64_t categories;
};
struct Scan {
    std::uint64_t size;
    std::uint64_t flags;
    std::uint64_t first;
    std::uint64_t end;
    std::uint64_t walk_end;
    std::uint64_t runs;
    std::uint64_t count;
    std::uint64_t max_pages;
    std::uint64_t inverted;
    std::uint64_t mask;
    std::uint64_t any_of;
    std::uint64_t returned;
};
constexpr unsigned long pagemap_scan = _IOWR('f', 16, Scan);
constexpr std::uint64_t is_present = 1 << 3;

/// The file.
class Pagemap {
public:
    Pagemap() noexcept : fd_(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)) {}
    Pagemap(const Pagemap&) = delete;
    Pagemap& operator=(const Pagemap&) = delete;
    ~Pagemap() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }

    /// Calls `act` with the first and the end of each run of resident pages.
    template <class Act>
    Result<void> for_each_run(std::uintptr_t first, std::uintptr_t end, Act act) noexcept {
        if (fd_ < 0) {
            return os::refused();
        }
        constexpr std::size_t at_a_time = 128;
        std::array<Run, at_a_time> runs;
        while (first != end) {
            Scan scan{.size = sizeof scan,
                      .flags = 0,
                      .first = first,
                      .end = end,
                      .walk_end = first,
                      .runs = reinterpret_cast<std::uintptr_t>(runs.data()),
                      .count = runs.size(),
                      .max_pages = 0,
                      .inverted = 0,
                      .mask = is_present,
                      .any_of = 0,
                      .returned = is_present};
            const long count = ::syscall(SYS_ioctl, fd_, pagemap_scan, &scan);
            if (count < 0 || scan.walk_end <= first) {
                return for_each_entry(first, end, act);
            }
            for (const Run& run : std::span(runs).first(static_cast<std::size_t>(count))) {
                act(run.first, run.end);
            }
            first = scan.walk_end;
        }
        return {};
    }

private:
    template <class Act>
    Result<void> for_each_entry(std::uintptr_t first, std::uintptr_t end, Act act) noexcept {
        constexpr std::size_t at_a_time = 512;
        constexpr std::uint64_t present = std::uint64_t{1} << 63;
        std::array<std::uint64_t, at_a_time> entries;
        const std::size_t page = os::page_size();
        while (first != end) {
            const std::size_t wanted = std::min(at_a_time, (end - first) / page);
            const ssize_t n = ::pread(fd_, entries.data(), wanted * sizeof entries[0],
                                      static_cast<off_t>(first / page * sizeof entries[0]));
            if (n < 0) {
                return os::refused();
            }
            const std::size_t count = static_cast<std::size_t>(n) / sizeof entries[0];
            if (count == 0) {  // Behind the address space.
                break;
            }
            for (std::size_t i = 0; i != count; ++i, first += page) {
                if ((entries[i] & present) != 0) {
                    act(first, first + page);
                }
            }
        }
        return {};
    }

    int fd_;
};

std::uintptr_t number_of(const std::byte* base) noexcept {
    return reinterpret_cast<std::uintptr_t>(base);
}

}  // namespace

Result<std::size_t> os::resident_bytes(const std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    std::size_t resident = 0;
    const Result<void> done = Pagemap().for_each_run(
        number_of(base), number_of(base) + bytes,
        [&](std::uintptr_t first, std::uintptr_t end) noexcept { resident += end - first; });
    return done ? Result<std::size_t>(resident) : std::unexpected(done.error());
}

Result<void> os::resident_pages(const std::byte* base, std::span<bool> pages) noexcept {
    const KeepErrno keep;
    std::ranges::fill(pages, false);
    const std::uintptr_t start = number_of(base);
    return Pagemap().for_each_run(
        start, start + pages.size() * page_size(),
        [&](std::uintptr_t first, std::uintptr_t end) noexcept {
            std::ranges::fill(
                pages.subspan((first - start) / page_size(), (end - first) / page_size()), true);
        });
}

}  // namespace memory_pages

#pragma GCC visibility pop
