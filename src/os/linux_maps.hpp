// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What the Linux kernel says of a mapping, in a line of /proc/self/maps or by PROCMAP_QUERY, as a
/// region. Pure: no system call. proc(5).

#include "os.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// Files that are none: memory that processes share.
[[nodiscard]] inline bool is_memory(std::string_view name) noexcept {
    constexpr std::string_view prefixes[] = {"/dev/zero", "/memfd:", "/SYSV", "/dev/shm/",
                                             "[anon_shmem:"};
    return std::ranges::any_of(
        prefixes, [=](std::string_view prefix) noexcept { return name.starts_with(prefix); });
}

[[nodiscard]] inline RegionKind kind_of(Access access, bool is_shared, bool is_file,
                                        std::string_view name) noexcept {
    if (is_file) {
        return is_shared && is_memory(name) ? RegionKind::shared : RegionKind::file;
    }
    return access == Access::none ? RegionKind::reserved : RegionKind::anonymous;
}

[[nodiscard]] inline Access granted(bool reads, bool writes, bool executes) noexcept {
    return (reads ? Access::read : Access::none) | (writes ? Access::write : Access::none) |
           (executes ? Access::exec : Access::none);
}

/// Takes a number and the character behind it off the front.
[[nodiscard]] inline std::optional<std::uintptr_t> take_number(std::string_view& text, int base,
                                                               char behind) noexcept {
    std::uintptr_t value = 0;
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const auto [rest, error] = std::from_chars(begin, end, value, base);
    if (error != std::errc() || rest == end || *rest != behind) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(rest - begin) + 1);
    return value;
}

/// A name as it is: the kernel writes a line break within one as \012, and nothing else so.
[[nodiscard]] inline std::string_view unescaped(std::span<char> name) noexcept {
    constexpr std::string_view escape = "\\012";
    std::size_t length = 0;
    for (std::size_t i = 0; i < name.size(); ++length) {
        const bool is_break = std::string_view(&name[i], name.size() - i).starts_with(escape);
        name[length] = is_break ? '\n' : name[i];
        i += is_break ? escape.size() : 1;
    }
    return {name.data(), length};
}

/// A line without its end: "first-end rwxp offset major:minor inode      name". Nothing if it is
/// none. The name is made whole in place.
[[nodiscard]] inline std::optional<RegionInfo> parse_maps_line(std::span<char> line) noexcept {
    std::string_view rest(line.data(), line.size());
    const std::optional<std::uintptr_t> first = take_number(rest, 16, '-');
    const std::optional<std::uintptr_t> end = first ? take_number(rest, 16, ' ') : std::nullopt;
    if (!end || *end <= *first || rest.size() < 5) {
        return std::nullopt;
    }
    const Access access = granted(rest[0] == 'r', rest[1] == 'w', rest[2] == 'x');
    const bool is_shared = rest[3] == 's';
    rest.remove_prefix(5);
    // Where nothing is behind the inode, the kernel ends the line with a blank or without one.
    for (int field = 0; field < 2; ++field) {  // The offset and the device.
        rest.remove_prefix(std::min(rest.find(' '), rest.size()));
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    }
    const bool is_file = !rest.empty() && rest.substr(0, rest.find(' ')) != "0";
    rest.remove_prefix(std::min(rest.find(' '), rest.size()));
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    const std::string_view name = unescaped(line.last(rest.size()));
    return RegionInfo{*first, *end - *first, access, kind_of(access, is_shared, is_file, name),
                      name};
}

}  // namespace memory_pages::os

#pragma GCC visibility pop
