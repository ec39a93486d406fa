// SPDX-License-Identifier: MIT
#include "os/linux/errors.hpp"

#include "os/linux/kernel_files/proc.hpp"
#include "os/posix/resource_limits.hpp"

#include <sys/sysinfo.h>
#include <unistd.h>

#include <cerrno>

namespace memory_pages::os {
namespace {

/// Whether `used + more` bytes exceed a limit.
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
    // mremap(2) requires room for a few more mappings than it may need.
    constexpr std::size_t headroom = 8;
    const std::optional<std::size_t> limit = map_count_limit();
    const std::optional<std::size_t> used = limit ? mappings_in_use() : std::nullopt;
    return used && *used + headroom >= *limit;
}

bool address_space_is_reached(Growth wanted) noexcept {
    return passes(resource_limit(RLIMIT_AS), address_space_in_use().value_or(0),
                  wanted.address_space);
}

bool data_is_reached(Growth wanted) noexcept {
    return wanted.data != 0 &&
           passes(resource_limit(RLIMIT_DATA), data_in_use().value_or(0), wanted.data);
}

bool commit_is_reached(Growth wanted) noexcept {
    constexpr std::size_t usual_user_space = std::size_t{1} << 47;
    constexpr std::size_t not_known = 3;
    if (wanted.data == 0 || wanted.data >= usual_user_space) {
        return false;
    }
    // kernel.org, "Overcommit Accounting": mode 2 counts strictly; mode 0 refuses what memory and
    // swap together could never hold.
    switch (overcommit_mode().value_or(not_known)) {
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

// proc(5), statm: field 0 is the size of all mappings, field 5 the size of data and stack.
std::optional<std::size_t> address_space_in_use() noexcept { return pages_in_statm(0); }
std::optional<std::size_t> data_in_use() noexcept { return pages_in_statm(5); }

std::optional<std::size_t> map_count_limit() noexcept {
    return field_in("/proc/sys/vm/max_map_count", 0);
}

std::optional<std::size_t> overcommit_mode() noexcept {
    return field_in("/proc/sys/vm/overcommit_memory", 0);
}

Error refusal(int error, Growth wanted) noexcept {
    if (error == EAGAIN && wanted.address_space != 0) {
        return Error::lock_limit;  // mmap(2), mremap(2): too much memory would be locked.
    }
    // madvise(2) also returns EAGAIN where other calls return ENOMEM.
    if (error == ENOMEM || error == EAGAIN) {
        if (address_space_is_reached(wanted)) {
            return Error::address_space_limit;
        }
        if (data_is_reached(wanted)) {
            return Error::data_limit;
        }
        if (map_count_is_reached()) {
            return Error::map_count_limit;
        }
        if (commit_is_reached(wanted)) {
            return Error::commit_limit;
        }
    }
    return Error{error};
}

}  // namespace memory_pages::os
