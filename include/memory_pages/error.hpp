// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Errors. Each verb that makes a system call has two forms: one throws `std::system_error`
/// (containers: `std::bad_alloc`, `std::length_error`), and its `try_` twin returns a `Result`.

#include <memory_pages/detail/standard.hpp>

#include <cstddef>
#include <expected>
#include <system_error>

namespace memory_pages {

/// What a `try_` function returns: a value, or an error.
template <class T>
using Result = std::expected<T, std::error_code>;

/// The error of a refused operation that consumes its object, and the object, unchanged (except
/// after `PageError::permissions_lost`).
template <class T>
struct [[nodiscard]] Refused {
    std::error_code error;
    T pages;
};

/// Errors with a known remedy. Each except `permissions_lost` equals
/// `std::errc::not_enough_memory`, and its message names the setting to raise.
enum class PageError {
    map_count_limit = 1,  ///< The limit on the number of mappings. Linux: `vm.max_map_count`.
    lock_limit,           ///< The limit on locked memory. Linux: `RLIMIT_MEMLOCK`.
    address_space_limit,  ///< The limit on address space. Linux: `RLIMIT_AS`.
    /// More than the system's commit limit. Linux: overcommit. Windows: memory and page file
    /// together; the library retries for a quarter of a second before it fails, since the page file
    /// may grow.
    commit_limit,
    /// No huge pages left in the system's pool of them. Linux: `vm.nr_hugepages`, or a control
    /// group's `hugetlb.<size>.max`. Windows: no right to lock pages in memory, or no contiguous
    /// memory.
    huge_page_limit,
    data_limit,  ///< The limit on writable private memory. Linux: `RLIMIT_DATA`.
    /// A change of permissions was refused after a part of the pages had changed, and undoing it
    /// was refused too: some pages may have other permissions than their type. Do not touch them.
    /// Change the permissions again (those of their type are fine too), or destroy or release the
    /// pages. Equals `std::errc::state_not_recoverable`.
    permissions_lost,
};

/// The category of `PageError` codes.
[[nodiscard]] const std::error_category& page_error_category() noexcept;

/// Lets `std::error_code error = PageError::commit_limit` compile.
[[nodiscard]] inline std::error_code make_error_code(PageError error) noexcept {
    return {static_cast<int>(error), page_error_category()};
}

/// Whether the error is this `PageError`, also if another copy of the library made it: a plugin may
/// have its own copy. (Two `std::error_code`s of two copies are never equal: the standard compares
/// the addresses of their categories.)
[[nodiscard]] bool operator==(const std::error_code& error, PageError wanted) noexcept;

/// Throws `std::system_error` with this code; its `what()` names the call, the bytes and the
/// meaning of the code. Built without exceptions, prints the same text and aborts. All exceptions
/// of the library come from `src/error.cpp`; `src/refusal.cpp` writes the texts that name bad
/// arguments.
[[noreturn]] void raise(std::error_code error, const char* call, std::size_t bytes);

/// Throws `std::bad_alloc` with the same text, for containers.
[[noreturn]] void raise_bad_alloc(std::error_code error, const char* call, std::size_t bytes);

/// Throws `std::length_error`: `wanted` elements, where `maximum` are possible.
[[noreturn]] void raise_length_error(const char* call, std::size_t wanted, std::size_t maximum);

/// Throws `std::out_of_range`: index `index` of `size` elements.
[[noreturn]] void raise_out_of_range(const char* call, std::size_t index, std::size_t size);

}  // namespace memory_pages

template <>
struct std::is_error_code_enum<memory_pages::PageError> : std::true_type {};
