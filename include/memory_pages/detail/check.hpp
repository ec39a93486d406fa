// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Contract checks: a broken precondition prints one line and aborts. The level of checks is a
/// build option of the library, a constant in the generated `config.hpp`.

#include <memory_pages/config.hpp>

#include <cstddef>

namespace memory_pages::detail {

/// Print "memory_pages: <call>: <what>" with the values, then abort.
[[noreturn]] void fail_index(const char* call, std::size_t index, std::size_t size) noexcept;
[[noreturn]] void fail_range(const char* call, std::size_t offset, std::size_t count,
                             std::size_t size) noexcept;
[[noreturn]] void fail_contract(const char* call, const char* what) noexcept;
[[noreturn]] void fail_count(const char* call, const char* what, std::size_t count) noexcept;

inline constexpr bool checks_enabled = check_level != CheckLevel::off;

/// Fails unless `index` is below `size`.
constexpr void check_index(const char* call, std::size_t index, std::size_t size) noexcept {
    if constexpr (checks_enabled) {
        if (index >= size) [[unlikely]] {
            fail_index(call, index, size);
        }
    }
}

/// Fails unless `[offset, offset + count)` lies within `size`.
constexpr void check_range(const char* call, std::size_t offset, std::size_t count,
                           std::size_t size) noexcept {
    if constexpr (checks_enabled) {
        if (offset > size || count > size - offset) [[unlikely]] {
            fail_range(call, offset, count, size);
        }
    }
}

/// Fails unless `holds` is true; `what` says what is wrong.
constexpr void check(bool holds, const char* call, const char* what) noexcept {
    if constexpr (checks_enabled) {
        if (!holds) [[unlikely]] {
            fail_contract(call, what);
        }
    }
}

}  // namespace memory_pages::detail
