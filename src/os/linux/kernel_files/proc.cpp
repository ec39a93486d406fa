// SPDX-License-Identifier: MIT
#include "os/linux/kernel_files/proc.hpp"

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>

namespace memory_pages::os {

std::optional<std::string_view> ProcFile::next_line() noexcept {
    for (bool is_too_long = false; true;) {
        const std::string_view ahead(buffer_.data() + begin_, end_ - begin_);
        const std::size_t length = ahead.find('\n');
        if (length != std::string_view::npos) {
            begin_ += length + 1;
            if (!std::exchange(is_too_long, false)) {
                return ahead.substr(0, length);
            }
            continue;
        }
        is_too_long = is_too_long || ahead.size() == buffer_.size();
        end_ = is_too_long ? 0 : ahead.size();
        std::shift_left(buffer_.data(), buffer_.data() + begin_ + end_,
                        static_cast<std::ptrdiff_t>(begin_));
        const std::size_t more = read(std::span(buffer_).subspan(end_));
        if (more == 0) {
            return std::nullopt;
        }
        begin_ = 0;
        end_ += more;
    }
}

std::optional<std::size_t> leading_number(std::string_view text) noexcept {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    std::size_t value = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) {
        return std::nullopt;
    }
    return value;
}

std::optional<std::size_t> field_in(const char* path, int field) noexcept {
    ProcFile file(path);
    std::string_view rest = file.next();
    for (; field > 0; --field) {
        rest.remove_prefix(std::min(rest.find(' '), rest.size() - 1) + 1);
    }
    return leading_number(rest);
}

Result<std::size_t> number_in(const char* path) noexcept {
    ProcFile file(path);
    if (const std::optional<std::size_t> number = leading_number(file.next())) {
        return *number;
    }
    const int error = file.error() != 0 ? file.error() : EINVAL;
    return std::unexpected(Error{error});
}

std::optional<std::size_t> bytes_in(ProcFile& file, std::string_view key) noexcept {
    while (std::optional<std::string_view> line = file.next_line()) {
        if (line->starts_with(key)) {
            line->remove_prefix(key.size());
            const std::optional<std::size_t> kibibytes = leading_number(*line);
            return kibibytes ? std::optional(*kibibytes * 1024) : std::nullopt;
        }
    }
    return std::nullopt;
}

std::optional<std::size_t> mappings_in_use() noexcept {
    ProcFile file("/proc/self/maps");
    std::size_t lines = 0;
    for (std::string_view part = file.next(); !part.empty(); part = file.next()) {
        for (const char c : part) {
            lines += c == '\n' ? 1 : 0;
        }
    }
    return file.error() == 0 ? std::optional(lines) : std::nullopt;
}

}  // namespace memory_pages::os
