// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Reasons that compilers print: `Because<"write std::move(pages).split_at(n)"> split_at(...)
/// const& = delete;`. C++26 has `= delete("reason")`.

#include <memory_pages/detail/standard.hpp>

#include <cstddef>

namespace memory_pages::detail {

/// A string as a template argument.
template <std::size_t Size>
struct Text {
    consteval Text(const char (&text)[Size]) {  // NOLINT(google-explicit-constructor)
        for (std::size_t i = 0; i < Size; ++i) {
            chars[i] = text[i];
        }
    }
    char chars[Size];
};

/// The result type of a deleted function. Never defined.
template <Text Reason>
struct Because;

}  // namespace memory_pages::detail
