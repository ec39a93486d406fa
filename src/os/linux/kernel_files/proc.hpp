// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Reading kernel files. Allocates nothing, since there may be no memory left, and uses little
/// stack, since a call may come from a signal handler on a small alternate stack.

#include "os/linux/kernel_files/file.hpp"
#include "os/types.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// A kernel file opened for reading.
class ProcFile {
public:
    explicit ProcFile(const char* path) noexcept
        : fd_(open_file(path)), error_(fd_ < 0 ? errno : 0) {}
    ProcFile(const ProcFile&) = delete;
    ProcFile& operator=(const ProcFile&) = delete;
    ~ProcFile() {
        if (fd_ >= 0) {
            close_file(fd_);
        }
    }

    /// The next bytes; empty at the end, and if it cannot be read.
    [[nodiscard]] std::string_view next() noexcept { return {buffer_.data(), read(buffer_)}; }

    /// The next line without its end, if `next` was not called; nothing at the end, and if it
    /// cannot be read. Skips lines that are longer than the buffer.
    [[nodiscard]] std::optional<std::string_view> next_line() noexcept;

    /// The errno of the first failure; 0 if there was none.
    [[nodiscard]] int error() const noexcept { return error_; }

private:
    std::size_t read(std::span<char> into) noexcept {
        const std::ptrdiff_t n = fd_ < 0 ? 0 : read_file(fd_, into);
        if (n < 0) {
            error_ = errno;
        }
        return n < 0 ? 0 : static_cast<std::size_t>(n);
    }

    int fd_;
    int error_;
    std::size_t begin_ = 0;  ///< The start of what next_line has read beyond its line.
    std::size_t end_ = 0;
    std::array<char, 512> buffer_;
};

/// The number at the start, after blanks.
[[nodiscard]] std::optional<std::size_t> leading_number(std::string_view text) noexcept;

/// The number in the field with this index, from 0, of a file with one line.
[[nodiscard]] std::optional<std::size_t> field_in(const char* path, int field) noexcept;

/// The number that a file begins with, or the error; `invalid_argument` if it begins with something
/// else.
[[nodiscard]] Result<std::size_t> number_in(const char* path) noexcept;

/// The bytes after `key` in the rest of a file with lines like "VmLck:   12 kB". The key includes
/// its colon.
[[nodiscard]] std::optional<std::size_t> bytes_in(ProcFile& file, std::string_view key) noexcept;

/// The number of lines of /proc/self/maps; nothing if it cannot be read to its end.
[[nodiscard]] std::optional<std::size_t> mappings_in_use() noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
