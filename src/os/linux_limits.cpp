// SPDX-License-Identifier: MIT
#include "linux_limits.hpp"

#include <memory_pages/error.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <string_view>

namespace memory_pages::os {
namespace {

/// A file of /proc, read without allocating: there may be no memory left.
class ProcFile {
public:
    explicit ProcFile(const char* path) noexcept : fd_(::open(path, O_RDONLY | O_CLOEXEC)) {}
    ProcFile(const ProcFile&) = delete;
    ProcFile& operator=(const ProcFile&) = delete;
    ~ProcFile() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }

    /// The next bytes of it; empty at its end, and when it cannot be read.
    [[nodiscard]] std::string_view next() noexcept {
        const ssize_t n = fd_ < 0 ? 0 : ::read(fd_, buffer_.data(), buffer_.size());
        return {buffer_.data(), n < 0 ? 0 : static_cast<std::size_t>(n)};
    }

private:
    int fd_;
    std::array<char, 4096> buffer_;
};

/// The field with this index, from 0, of a one-line file of numbers; 0 where there is none.
std::size_t field_of(const char* path, int field) noexcept {
    ProcFile file(path);
    std::string_view rest = file.next();
    for (; field > 0; --field) {
        rest.remove_prefix(std::min(rest.find(' '), rest.size() - 1) + 1);
    }
    std::size_t value = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), value);
    return value;
}

std::size_t mappings_in_use() noexcept {
    ProcFile file("/proc/self/maps");
    std::ptrdiff_t lines = 0;
    for (std::string_view part = file.next(); !part.empty(); part = file.next()) {
        lines += std::ranges::count(part, '\n');
    }
    return static_cast<std::size_t>(lines);
}

/// Whether `used` and `more` bytes together pass a resource limit of this process.
bool passes(auto resource, std::size_t used, std::size_t more) noexcept {
    rlimit limit{};
    return ::getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
           (used > limit.rlim_cur || more > limit.rlim_cur - used);
}

bool map_count_is_reached() noexcept {
    // mremap(2) asks for room for a few more than it may need.
    constexpr std::size_t headroom = 8;
    const std::size_t limit = number_in("/proc/sys/vm/max_map_count");
    return limit != 0 && mappings_in_use() + headroom >= limit;
}

bool address_space_is_reached(Growth wanted) noexcept {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    // proc(5), statm: field 0 is the size of all mappings, field 5 that of data and stack.
    return passes(RLIMIT_AS, field_of("/proc/self/statm", 0) * page, wanted.address_space) ||
           (wanted.data != 0 &&
            passes(RLIMIT_DATA, field_of("/proc/self/statm", 5) * page, wanted.data));
}

bool commit_is_reached(Growth wanted) noexcept {
    constexpr std::size_t usual_user_space = std::size_t{1} << 47;
    if (wanted.data == 0 || wanted.data >= usual_user_space) {
        return false;
    }
    // kernel.org, "Overcommit Accounting": 2 counts strictly; 0 refuses what memory and swap
    // together could never hold.
    switch (overcommit_mode()) {
        case 0: {
            struct sysinfo info{};
            return ::sysinfo(&info) == 0 &&
                   wanted.charge / info.mem_unit > info.totalram + info.totalswap;
        }
        case 2:
            return true;
        default:
            return false;
    }
}

}  // namespace

std::size_t number_in(const char* path) noexcept { return field_of(path, 0); }

bool says(const char* path, std::string_view what) noexcept {
    ProcFile file(path);
    return file.next().contains(what);
}

std::size_t overcommit_mode() noexcept { return number_in("/proc/sys/vm/overcommit_memory"); }

std::error_code refusal(int error, Growth wanted) noexcept {
    if (error == EAGAIN && wanted.address_space != 0) {
        return PageError::lock_limit;  // mmap(2), mremap(2): too much memory would be locked.
    }
    // madvise(2) says EAGAIN where it means ENOMEM.
    if (error == ENOMEM || error == EAGAIN) {
        if (address_space_is_reached(wanted)) {
            return PageError::address_space_limit;
        }
        if (map_count_is_reached()) {
            return PageError::map_count_limit;
        }
        if (commit_is_reached(wanted)) {
            return PageError::commit_limit;
        }
    }
    return {error, std::generic_category()};
}

}  // namespace memory_pages::os
