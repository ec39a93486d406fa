// SPDX-License-Identifier: MIT
#include "linux_limits.hpp"

#include "linux_proc.hpp"
#include "posix_limits.hpp"

#include <memory_pages/error.hpp>

#include <sys/sysinfo.h>
#include <unistd.h>

#include <cerrno>

namespace memory_pages::os {
namespace {

/// Whether `used` and `more` bytes together pass a limit.
bool passes(std::optional<std::size_t> limit, std::size_t used, std::size_t more) noexcept {
    return limit && (used > *limit || more > *limit - used);
}

/// A field of /proc/self/statm, in bytes.
std::optional<std::size_t> pages_in_statm(int field) noexcept {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::optional<std::size_t> pages = field_in("/proc/self/statm", field);
    return pages ? std::optional(*pages * page) : std::nullopt;
}

bool map_count_is_reached() noexcept {
    // mremap(2) asks for room for a few more than it may need.
    constexpr std::size_t headroom = 8;
    const std::size_t limit = map_count_limit();
    return limit != 0 && mappings_in_use() + headroom >= limit;
}

bool address_space_is_reached(Growth wanted) noexcept {
    return passes(resource_limit(RLIMIT_AS), address_space_in_use().value_or(0),
                  wanted.address_space) ||
           (wanted.data != 0 &&
            passes(resource_limit(RLIMIT_DATA), data_in_use().value_or(0), wanted.data));
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

// proc(5), statm: field 0 is the size of all mappings, field 5 that of data and stack.
std::optional<std::size_t> address_space_in_use() noexcept { return pages_in_statm(0); }
std::optional<std::size_t> data_in_use() noexcept { return pages_in_statm(5); }

std::size_t map_count_limit() noexcept { return number_in("/proc/sys/vm/max_map_count"); }

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
