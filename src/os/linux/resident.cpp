// SPDX-License-Identifier: MIT
// /proc/self/pagemap: the page tables of this process. Read with the ioctl PAGEMAP_SCAN (Linux
// 6.7), else entry by entry for mapped ranges (admin-guide/mm/pagemap.rst). Not mincore(2), which
// reports the page cache and refuses ranges with holes.
#include "os/contents.hpp"
#include "os/linux/errors.hpp"
#include "os/linux/kernel_files/file.hpp"
#include "os/memory.hpp"
#include "os/posix/calls.hpp"
#include "os/query.hpp"
#include "os/shared.hpp"

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
/// oldest supported systems.
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
constexpr std::uint64_t is_swapped = 1 << 4;

/// The value of a hexadecimal digit.
std::uintptr_t digit(char c) noexcept {
    return static_cast<std::uintptr_t>(c <= '9' ? c - '0' : c - 'a' + 10);
}

/// Calls `act` with the start and end of each mapping until it fails. Parses only the start of each
/// line of /proc/self/maps: "first-end ".
template <class Act>
os::Result<void> for_each_mapping(Act act) noexcept {
    const int file = os::open_file("/proc/self/maps");
    if (file < 0) {
        return os::refused();
    }
    os::Result<void> done;
    std::array<char, 128> text;
    std::array<std::uintptr_t, 2> ends{};
    std::size_t number = 0;  // The index of the number being parsed; 2 behind both.
    std::ptrdiff_t count = 0;
    while (done && (count = os::read_file(file, text)) > 0) {
        for (const char c : std::span(text).first(static_cast<std::size_t>(count))) {
            if (c == '\n') {
                ends = {};
                number = 0;
            } else if (number != 2 && (c == '-' || c == ' ')) {
                if (++number == 2 && done) {
                    done = act(ends[0], ends[1]);
                }
            } else if (number != 2) {
                ends[number] = ends[number] * 16 + digit(c);
            }
        }
    }
    if (done && count < 0) {
        done = os::refused();
    }
    os::close_file(file);
    return done;
}

/// The file, for pages of these kinds.
class Pagemap {
public:
    explicit Pagemap(std::uint64_t kinds) noexcept
        : kinds_(kinds), fd_(os::open_file("/proc/self/pagemap")) {}
    Pagemap(const Pagemap&) = delete;
    Pagemap& operator=(const Pagemap&) = delete;
    ~Pagemap() {
        if (fd_ >= 0) {
            os::close_file(fd_);
        }
    }

    /// Calls `act` with the start and end of each run of such pages, in ascending order. Skips
    /// unmapped ranges.
    template <class Act>
    os::Result<void> for_each_run(std::uintptr_t first, std::uintptr_t end, Act act) noexcept {
        if (fd_ < 0) {
            return os::refused();
        }
        if (const os::Result<bool> done = scan(first, end, act); !done || *done) {
            return done ? os::Result<void>() : std::unexpected(done.error());
        }
        return for_each_mapping([&](std::uintptr_t mapped, std::uintptr_t unmapped) noexcept {
            std::uintptr_t from = std::max(first, mapped);
            const std::uintptr_t to = std::min(end, unmapped);
            if (from >= to) {
                return os::Result<void>();
            }
            const os::Result<bool> done = scan(from, to, act);
            return done && !*done ? for_each_entry(from, to, act)
                   : done         ? os::Result<void>()
                                  : std::unexpected(done.error());
        });
    }

private:
    /// False: this kernel has no such ioctl, or the range has addresses that no program can have;
    /// the rest begins at `first`.
    template <class Act>
    [[gnu::noinline]] os::Result<bool> scan(std::uintptr_t& first, std::uintptr_t end,
                                            Act& act) noexcept {
        constexpr std::size_t at_a_time = 24;
        // Zeros for valgrind, which does not know that the kernel writes there.
        std::array<Run, at_a_time> runs{};
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
                      .mask = 0,
                      .any_of = kinds_,
                      .returned = kinds_};
            const long count = ::syscall(SYS_ioctl, fd_, pagemap_scan, &scan);
            if (count < 0 && errno != ENOTTY && errno != EFAULT && !os::is_unknown_call()) {
                return os::refused();
            }
            if (count < 0 || scan.walk_end <= first) {
                return false;
            }
            for (const Run& run : std::span(runs).first(static_cast<std::size_t>(count))) {
                act(run.first, run.end);
            }
            first = scan.walk_end;
        }
        return true;
    }

    template <class Act>
    [[gnu::noinline]] os::Result<void> for_each_entry(std::uintptr_t first, std::uintptr_t end,
                                                      Act& act) noexcept {
        constexpr std::size_t at_a_time = 32;
        const std::uint64_t present = (kinds_ & is_present) != 0 ? std::uint64_t{1} << 63 : 0;
        const std::uint64_t swapped = (kinds_ & is_swapped) != 0 ? std::uint64_t{1} << 62 : 0;
        std::array<std::uint64_t, at_a_time> entries;
        const std::size_t page = os::page_size();
        while (first != end) {
            const std::size_t wanted = std::min(at_a_time, (end - first) / page);
            const std::ptrdiff_t n =
                os::read_file_at(fd_, first / page * sizeof entries[0],
                                 std::as_writable_bytes(std::span(entries).first(wanted)));
            if (n < 0) {
                return os::refused();
            }
            const std::size_t count = static_cast<std::size_t>(n) / sizeof entries[0];
            if (count == 0) {  // Beyond the address space.
                break;
            }
            for (std::size_t i = 0; i != count; ++i, first += page) {
                if ((entries[i] & (present | swapped)) != 0) {
                    act(first, first + page);
                }
            }
        }
        return {};
    }

    std::uint64_t kinds_;
    int fd_;
};

std::uintptr_t number_of(const std::byte* base) noexcept {
    return reinterpret_cast<std::uintptr_t>(base);
}

}  // namespace

os::Result<std::size_t> os::resident_bytes(const std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    std::size_t resident = 0;
    const os::Result<void> done =
        Pagemap(is_present)
            .for_each_run(number_of(base), number_of(base) + bytes,
                          [&](std::uintptr_t first, std::uintptr_t end) noexcept {
                              resident += end - first;
                          });
    return done ? os::Result<std::size_t>(resident) : std::unexpected(done.error());
}

os::Result<void> os::resident_pages(const std::byte* base, std::span<bool> pages) noexcept {
    const KeepErrno keep;
    std::ranges::fill(pages, false);
    const std::uintptr_t start = number_of(base);
    return Pagemap(is_present)
        .for_each_run(start, start + pages.size() * page_size(),
                      [&](std::uintptr_t first, std::uintptr_t end) noexcept {
                          std::ranges::fill(pages.subspan((first - start) / page_size(),
                                                          (end - first) / page_size()),
                                            true);
                      });
}

// Pages that are neither in memory nor in swap were never written or were given back, and read
// zero. Trusts the file only if it reports a page that is present: that of a variable on the stack.
void os::copy(std::byte* to, const std::byte* from, std::size_t bytes) noexcept {
    const KeepErrno keep;
    Pagemap pagemap(is_present | is_swapped);
    bool is_true = false;
    const std::uintptr_t here = reinterpret_cast<std::uintptr_t>(&is_true) & ~(page_size() - 1);
    os::Result<void> done = pagemap.for_each_run(
        here, here + page_size(), [&](std::uintptr_t, std::uintptr_t) noexcept { is_true = true; });
    const std::uintptr_t start = number_of(from);
    std::size_t copied = 0;
    if (done && is_true) {
        done = pagemap.for_each_run(start, start + bytes,
                                    [&](std::uintptr_t first, std::uintptr_t end) noexcept {
                                        const std::size_t at = first - start;
                                        copy_unless_zero(to + at, from + at, end - first);
                                        copied = end - start;
                                    });
    }
    if (!done || !is_true) {
        copy_unless_zero(to + copied, from + copied, bytes - copied);
    }
}

}  // namespace memory_pages

#pragma GCC visibility pop
