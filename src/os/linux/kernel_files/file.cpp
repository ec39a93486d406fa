// SPDX-License-Identifier: MIT
#include "os/linux/kernel_files/file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

namespace memory_pages::os {
namespace {

int open_as_it_is(const char* path) noexcept {
    return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC));
}

/// /proc/self is the main thread's, which has no memory and no executable once it has ended.
bool has_main_thread_ended() noexcept {
    char start = 0;
    const int before = errno;
    const bool has_ended =
        ::syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", &start, sizeof start) < 0 &&
        errno == ENOENT;
    errno = before;
    return has_ended;
}

/// Opens the file of the calling thread (Linux 3.17). Only a fallback: user-mode emulators show
/// their own memory there.
int open_by_thread(std::string_view name) noexcept {
    std::array<char, 64> path{"/proc/thread-self/"};
    char* const end = path.data() + std::string_view(path.data()).size();
    std::ranges::copy(name.substr(0, static_cast<std::size_t>(&path.back() - end)), end);
    return open_as_it_is(path.data());
}

}  // namespace

int open_file(const char* path) noexcept {
    constexpr std::string_view own = "/proc/self/";
    std::string_view name(path);
    const int file = open_as_it_is(path);
    // A file that was opened before the main thread ended stays valid.
    if (!name.starts_with(own) || !has_main_thread_ended()) {
        return file;
    }
    if (file >= 0) {
        close_file(file);
    }
    name.remove_prefix(own.size());  // `substr` would need the C++ library, to throw.
    return open_by_thread(name);
}

}  // namespace memory_pages::os
