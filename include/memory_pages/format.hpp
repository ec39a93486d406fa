// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// `std::format("{}", region)`, and for `memory_limits()`, with the width and fill options of
/// strings, if the standard library has `<format>`. Not in `memory_pages.hpp`, since `<format>` is
/// large.

#include <memory_pages/memory_limits.hpp>
#include <memory_pages/region.hpp>

#include <string_view>
#include <version>

#if defined(__cpp_lib_format)
#include <format>

template <>
struct std::formatter<memory_pages::Region> : std::formatter<std::string_view> {
    auto format(const memory_pages::Region& region, auto& context) const {
        return std::formatter<std::string_view>::format(memory_pages::to_string(region), context);
    }
};

template <>
struct std::formatter<memory_pages::MemoryLimits> : std::formatter<std::string_view> {
    auto format(const memory_pages::MemoryLimits& limits, auto& context) const {
        return std::formatter<std::string_view>::format(memory_pages::to_string(limits), context);
    }
};
#endif
