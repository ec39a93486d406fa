// SPDX-License-Identifier: MIT
#include <memory_pages/memory_limits.hpp>

#include "os/limits.hpp"

#include <string_view>

namespace memory_pages {
namespace {

/// The exact value in the largest unit that divides it.
std::string bytes_text(std::size_t bytes) {
    constexpr std::array units = {" bytes", " KiB", " MiB", " GiB", " TiB"};
    std::size_t unit = 0;
    while (bytes != 0 && bytes % 1024 == 0 && unit + 1 < units.size()) {
        bytes /= 1024;
        ++unit;
    }
    return std::to_string(bytes) + units[unit];
}

std::string count_text(std::size_t count) { return std::to_string(count); }

std::string limit_text(const Limit& limit, std::string (*text)(std::size_t)) {
    if (!limit.most) {
        const std::string_view none = limit.is_known ? "no limit" : "limit unknown";
        return limit.used ? text(*limit.used).append(", ").append(none) : std::string(none);
    }
    return (limit.used ? text(*limit.used) + " of " : "at most ") + text(*limit.most);
}

std::string sizes_text(const std::array<std::size_t, 8>& sizes) {
    std::string text;
    for (const std::size_t size : sizes) {
        if (size != 0) {
            text += (text.empty() ? "" : ", ") + bytes_text(size);
        }
    }
    return text.empty() ? "none" : text;
}

std::string_view text_of(std::optional<TransparentHugePages> policy) noexcept {
    if (!policy) {
        return "unknown, or not built";
    }
    switch (*policy) {
        case TransparentHugePages::never:
            return "never";
        case TransparentHugePages::when_asked:
            return "when asked";
        case TransparentHugePages::always:
            return "always";
    }
    return "?";
}

std::string_view text_of(std::optional<Overcommit> overcommit) noexcept {
    if (!overcommit) {
        return "unknown";
    }
    switch (*overcommit) {
        case Overcommit::never:
            return "never";
        case Overcommit::heuristic:
            return "heuristic";
        case Overcommit::always:
            return "always";
    }
    return "?";
}

}  // namespace

MemoryLimits memory_limits() noexcept { return os::memory_limits(); }

std::string to_string(const MemoryLimits& limits) {
    std::string text;
    const auto line = [&text](std::string_view name, std::string_view value) {
        text.append(text.empty() ? "" : "\n").append(name).append(": ").append(value);
    };
    line("page size", bytes_text(limits.page_size));
    line("allocation granularity", bytes_text(limits.allocation_granularity));
    line("huge page sizes", sizes_text(limits.huge_page_sizes));
    line("transparent huge pages", text_of(limits.transparent_huge_pages));
    line("overcommit", text_of(limits.overcommit));
    line("committed by the system", limit_text(limits.committed, bytes_text));
    line("mappings", limit_text(limits.mappings, count_text));
    line("locked", limit_text(limits.locked, bytes_text));
    line("address space", limit_text(limits.address_space, bytes_text));
    line("data", limit_text(limits.data, bytes_text));
    line("memory of the control group", limit_text(limits.group_memory, bytes_text));
    line("memory of control groups above", limit_text(limits.group_memory_above, bytes_text));
    for (std::size_t i = 0; i != limits.huge_page_sizes.size(); ++i) {
        if (limits.huge_page_sizes[i] != 0) {
            line("control groups' huge pages of " + bytes_text(limits.huge_page_sizes[i]),
                 limit_text(limits.group_huge_pages[i], bytes_text));
        }
    }
    return text;
}

}  // namespace memory_pages
