// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The number of enumerators of an enumeration, found by the compiler: no list needs updating.

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace enumerators {

/// The compiler prints a named value of an enumeration by its name, and other values as casts.
template <auto value>
[[nodiscard]] consteval bool is_named() {
    constexpr std::string_view before = "value = ";
    const std::string_view text = __PRETTY_FUNCTION__;
    return text[text.rfind(before) + before.size()] != '(';
}

/// The number of enumerators that count from zero without gaps.
template <class Enum, std::size_t so_far = 0>
[[nodiscard]] consteval std::size_t count() {
    if constexpr (is_named<static_cast<Enum>(so_far)>()) {
        return count<Enum, so_far + 1>();
    } else {
        return so_far;
    }
}

template <class Enum>
inline constexpr auto every = []<std::size_t... values>(std::index_sequence<values...>) {
    return std::array{static_cast<Enum>(values)...};
}(std::make_index_sequence<count<Enum>()>());

}  // namespace enumerators
