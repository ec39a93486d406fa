// SPDX-License-Identifier: MIT
#include "linux_proc.hpp"

#include <algorithm>
#include <charconv>

namespace memory_pages::os {
namespace {

/// The number at the front, behind blanks.
std::optional<std::size_t> leading_number(std::string_view text) noexcept {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    std::size_t value = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

std::optional<std::size_t> field_in(const char* path, int field) noexcept {
    ProcFile file(path);
    std::string_view rest = file.next();
    for (; field > 0; --field) {
        rest.remove_prefix(std::min(rest.find(' '), rest.size() - 1) + 1);
    }
    return leading_number(rest);
}

std::size_t number_in(const char* path) noexcept { return field_in(path, 0).value_or(0); }

std::optional<std::size_t> bytes_in(const char* path, std::string_view key) noexcept {
    ProcFile file(path);
    const std::string_view text = file.next();
    const std::size_t at = text.find(key);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const std::optional<std::size_t> kibibytes = leading_number(text.substr(at + key.size()));
    return kibibytes ? std::optional(*kibibytes * 1024) : std::nullopt;
}

bool says(const char* path, std::string_view what) noexcept {
    ProcFile file(path);
    return file.next().contains(what);
}

std::size_t mappings_in_use() noexcept {
    ProcFile file("/proc/self/maps");
    std::ptrdiff_t lines = 0;
    for (std::string_view part = file.next(); !part.empty(); part = file.next()) {
        lines += std::ranges::count(part, '\n');
    }
    return static_cast<std::size_t>(lines);
}

}  // namespace memory_pages::os
