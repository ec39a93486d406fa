// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// How failure is told. What enters the system has two doors: one that throws `std::system_error`
/// (containers: `std::bad_alloc`, `std::length_error`), and a `try_` twin that returns a `Result`.

#include <cstddef>
#include <expected>
#include <system_error>

namespace memory_pages {

/// What a `try_` operation returns: a value, or the reason why there is none.
template <class T>
using Result = std::expected<T, std::error_code>;

/// A consuming operation that the system refused: the reason, and the object, unchanged.
template <class T>
struct [[nodiscard]] Refused {
    std::error_code error;
    T pages;
};

/// Refusals that a person can do something about. Each equals `std::errc::not_enough_memory`, and
/// its message names the setting to raise.
enum class PageError {
    map_count_limit = 1,  ///< The limit on the number of mappings. Linux: `vm.max_map_count`.
    lock_limit,           ///< The limit on locked memory. Linux: `RLIMIT_MEMLOCK`.
    address_space_limit,  ///< The limit on address space. Linux: `RLIMIT_AS`, or `RLIMIT_DATA`.
    /// More than the system is willing to promise. Linux: overcommit. Windows: memory and page file
    /// together, and a refusal is final only after a quarter of a second in which the latter may
    /// grow.
    commit_limit,
    /// The system has no huge pages left of those that it keeps for this alone. Linux:
    /// `vm.nr_hugepages`. Windows: the right to lock pages in memory, or memory in one piece.
    huge_page_limit,
};

/// The category of `PageError` codes.
[[nodiscard]] const std::error_category& page_error_category() noexcept;

/// Lets `error == PageError::commit_limit` compile.
[[nodiscard]] inline std::error_code make_error_code(PageError error) noexcept {
    return {static_cast<int>(error), page_error_category()};
}

/// Throws `std::system_error` with this code; its `what()` names the call, the bytes and what the
/// code means. Built without exceptions: prints the same and aborts. The one place of the library
/// that throws, with its three siblings below.
[[noreturn]] void raise(std::error_code error, const char* call, std::size_t bytes);

/// The same as `std::bad_alloc`, for containers.
[[noreturn]] void raise_bad_alloc(std::error_code error, const char* call, std::size_t bytes);

/// The same as `std::length_error`: `wanted` elements where at most `maximum` may be.
[[noreturn]] void raise_length_error(const char* call, std::size_t wanted, std::size_t maximum);

/// The same as `std::out_of_range`: `index` into `size` elements.
[[noreturn]] void raise_out_of_range(const char* call, std::size_t index, std::size_t size);

}  // namespace memory_pages

template <>
struct std::is_error_code_enum<memory_pages::PageError> : std::true_type {};
