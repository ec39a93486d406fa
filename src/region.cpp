// SPDX-License-Identifier: MIT
#include <memory_pages/region.hpp>

#include <array>
#include <cstdint>
#include <cstdio>

namespace memory_pages {
namespace {

const char* text_of(RegionKind kind) noexcept {
    switch (kind) {
        case RegionKind::free:
            return "free";
        case RegionKind::reserved:
            return "reserved";
        case RegionKind::anonymous:
            return "anonymous";
        case RegionKind::shared:
            return "shared";
        case RegionKind::file:
            return "file";
    }
    return "?";
}

}  // namespace

std::string to_string(const Region& region) {
    const auto first = reinterpret_cast<std::uintptr_t>(region.address);
    std::array<char, 80> text{};
    std::snprintf(text.data(), text.size(), "%#zx-%#zx %c%c%c %s", std::size_t{first},
                  std::size_t{first + region.size}, region.is_readable ? 'r' : '-',
                  region.is_writable ? 'w' : '-', region.is_executable ? 'x' : '-',
                  text_of(region.kind));
    return region.name.empty() ? text.data() : std::string(text.data()) + ' ' + region.name;
}

}  // namespace memory_pages
