// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Parses what the Linux kernel reports of a mapping, in a line of /proc/self/maps or by
/// PROCMAP_QUERY, as a region. No system calls. proc(5).

#include "os/query.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// A device number.
struct Device {
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
    friend bool operator==(const Device&, const Device&) = default;
};

/// A mapping as the kernel reports it.
struct Mapping {
    std::uintptr_t first;
    std::uintptr_t end;
    Access access;
    bool is_shared;
    Device device;
    std::uint64_t inode;
    std::string_view name;

    /// The first segment of shmget(2) has inode 0, but a device.
    [[nodiscard]] bool has_file() const noexcept { return inode != 0 || device != Device(); }
};

/// Whether the file of a mapping is memory.
enum class MemoryFile {
    none,
    shared,
    anonymous_when_private,  ///< Huge pages, or the device /dev/zero.
};

/// Names of memory, for kernels without a better way.
[[nodiscard]] inline bool looks_like_memory(std::string_view name) noexcept {
    constexpr std::string_view prefixes[] = {"/dev/zero", "/memfd:", "/SYSV", "/anon_hugepage"};
    return std::ranges::any_of(
        prefixes, [=](std::string_view prefix) noexcept { return name.starts_with(prefix); });
}

[[nodiscard]] inline RegionKind kind_of(const Mapping& mapping, MemoryFile file) noexcept {
    const bool is_anonymous = file == MemoryFile::anonymous_when_private && !mapping.is_shared;
    if (mapping.has_file() && !is_anonymous) {
        return file == MemoryFile::none ? RegionKind::file : RegionKind::shared;
    }
    return mapping.access == Access::none ? RegionKind::reserved : RegionKind::anonymous;
}

[[nodiscard]] inline Access granted(bool reads, bool writes, bool executes) noexcept {
    return (reads ? Access::read : Access::none) | (writes ? Access::write : Access::none) |
           (executes ? Access::exec : Access::none);
}

/// Removes a number and the character behind it from the front.
template <class Number = std::uintptr_t>
[[nodiscard]] std::optional<Number> take_number(std::string_view& text, int base,
                                                char behind) noexcept {
    Number value = 0;
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const auto [rest, error] = std::from_chars(begin, end, value, base);
    if (error != std::errc() || rest == end || *rest != behind) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(rest - begin) + 1);
    return value;
}

/// Unescapes a name in place: the kernel writes a line break as \012, and escapes nothing else.
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

/// A name that was cut, without a part of an escape at its end.
[[nodiscard]] inline std::span<char> without_part(std::span<char> name) noexcept {
    for (const std::string_view part : {"\\01", "\\0", "\\"}) {
        if (std::string_view(name.data(), name.size()).ends_with(part)) {
            return name.first(name.size() - part.size());
        }
    }
    return name;
}

/// Parses "major:minor inode" and the blanks behind it. Without a name, the line may end with or
/// without a blank.
[[nodiscard]] inline bool take_file(std::string_view& text, Mapping& mapping) noexcept {
    const auto major = take_number<std::uint32_t>(text, 16, ':');
    const auto minor = major ? take_number<std::uint32_t>(text, 16, ' ') : std::nullopt;
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const auto [rest, error] = std::from_chars(begin, end, mapping.inode);
    if (!minor || error != std::errc() || (rest != end && *rest != ' ')) {
        return false;
    }
    mapping.device = {*major, *minor};
    text.remove_prefix(static_cast<std::size_t>(rest - begin));
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return true;
}

/// Parses a line without its end: "first-end rwxp offset major:minor inode      name". Nothing if
/// it is malformed. The name is as the kernel writes it.
[[nodiscard]] inline std::optional<Mapping> parse_maps_line(std::string_view line) noexcept {
    std::string_view rest = line;
    const std::optional<std::uintptr_t> first = take_number(rest, 16, '-');
    const std::optional<std::uintptr_t> end = first ? take_number(rest, 16, ' ') : std::nullopt;
    if (!end || *end <= *first || rest.size() < 5) {
        return std::nullopt;
    }
    Mapping mapping{
        *first, *end, granted(rest[0] == 'r', rest[1] == 'w', rest[2] == 'x'), rest[3] == 's', {},
        0,      {}};
    rest.remove_prefix(5);
    if (!take_number<std::uint64_t>(rest, 16, ' ') || !take_file(rest, mapping)) {
        return std::nullopt;
    }
    mapping.name = rest;
    return mapping;
}

}  // namespace memory_pages::os

#pragma GCC visibility pop
