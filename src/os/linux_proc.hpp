// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What the Linux kernel tells in files, read without allocating: there may be no memory left.

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// Such a file.
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

/// The number in the field with this index, from 0, of a file of one line.
[[nodiscard]] std::optional<std::size_t> field_in(const char* path, int field) noexcept;

/// The number that a file begins with; 0 where there is none.
[[nodiscard]] std::size_t number_in(const char* path) noexcept;

/// The bytes behind `key` in a short file of lines like "VmLck:   12 kB". The key has its colon.
[[nodiscard]] std::optional<std::size_t> bytes_in(const char* path, std::string_view key) noexcept;

/// Whether a file of one line holds this.
[[nodiscard]] bool says(const char* path, std::string_view what) noexcept;

/// Lines of /proc/self/maps.
[[nodiscard]] std::size_t mappings_in_use() noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
