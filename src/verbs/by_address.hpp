// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The verbs by address, for any whole pages of the process: each checks its pages, and makes one
/// call of the system. `invalid_argument`: not whole pages, or no such access. For 0 bytes nothing
/// is done.

#include <memory_pages/access.hpp>
#include <memory_pages/advice.hpp>
#include <memory_pages/detail/core_error.hpp>
#include <memory_pages/huge_pages.hpp>
#include <memory_pages/writing_code.hpp>

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages::detail::by_address {

/// Whether these are whole pages, perhaps none.
[[nodiscard]] bool are_pages(const void* address, std::size_t bytes) noexcept;

[[nodiscard]] CoreResult<void> unmap(void* address, std::size_t bytes) noexcept;
/// 0 bytes are `invalid_argument`.
[[nodiscard]] CoreResult<std::byte*> resize(void* address, std::size_t old_bytes,
                                            std::size_t new_bytes, bool may_move) noexcept;
[[nodiscard]] CoreResult<void> commit(void* address, std::size_t bytes, Access access) noexcept;
[[nodiscard]] CoreResult<void> uncommit(void* address, std::size_t bytes) noexcept;
[[nodiscard]] CoreResult<void> protect(void* address, std::size_t bytes, Access access) noexcept;
[[nodiscard]] CoreResult<void> decommit(void* address, std::size_t bytes) noexcept;
[[nodiscard]] CoreResult<void> discard(void* address, std::size_t bytes) noexcept;
[[nodiscard]] CoreResult<void> zero(void* address, std::size_t bytes) noexcept;
[[nodiscard]] CoreResult<void> populate(void* address, std::size_t bytes, Access access) noexcept;
[[nodiscard]] CoreResult<void> advise(void* address, std::size_t bytes, Advice advice) noexcept;
[[nodiscard]] CoreResult<void> collapse(void* address, std::size_t bytes) noexcept;
[[nodiscard]] CoreResult<void> set_huge_pages(void* address, std::size_t bytes,
                                              HugePages policy) noexcept;
/// Any bytes, not only whole pages.
[[nodiscard]] CoreResult<void> publish(void* address, std::size_t bytes, Publish code) noexcept;

}  // namespace memory_pages::detail::by_address

#pragma GCC visibility pop
