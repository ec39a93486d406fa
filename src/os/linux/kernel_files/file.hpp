// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Opening, reading and closing kernel files by system calls alone. The C library's `open`, `read`
/// and `close` are cancellation points: after pthread_cancel(3) they unwind the stack, which ends
/// the process in a `noexcept` verb.

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <span>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// The descriptor of a file opened for reading; -1 on failure. A file in /proc/self is that of the
/// process even after its main thread has ended.
[[nodiscard]] int open_file(const char* path) noexcept;

inline void close_file(int file) noexcept { (void)::syscall(SYS_close, file); }

/// The number of bytes read: 0 at the end, -1 on failure.
[[nodiscard]] inline std::ptrdiff_t read_file(int file, std::span<char> into) noexcept {
    return ::syscall(SYS_read, file, into.data(), into.size());
}
[[nodiscard]] inline std::ptrdiff_t read_file_at(int file, std::uint64_t offset,
                                                 std::span<std::byte> into) noexcept {
    return ::syscall(SYS_pread64, file, into.data(), into.size(), offset);
}

}  // namespace memory_pages::os

#pragma GCC visibility pop
