// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Errors below the owners: one plain enum, so that the core needs no C++ run-time library.

#include <memory_pages/error.hpp>

#include <cerrno>
#include <cstdint>
#include <expected>
#include <system_error>
#include <type_traits>

namespace memory_pages::detail {

/// The error codes of the core: errno values (also ones without a name here), then those of
/// `PageError`, then the error numbers of Windows. Converts to the `std::error_code` that a user
/// gets.
enum class Error : std::int32_t {
    permission_denied = EACCES,
    address_in_use = EADDRINUSE,
    address_not_available = EADDRNOTAVAIL,
    bad_address = EFAULT,
    invalid_argument = EINVAL,
    io_error = EIO,
    no_such_file_or_directory = ENOENT,
    no_such_process = ESRCH,
    not_enough_memory = ENOMEM,
    operation_not_permitted = EPERM,
    operation_not_supported = EOPNOTSUPP,

    first_page_error = 0x1000,
    map_count_limit = first_page_error + static_cast<int>(PageError::map_count_limit),
    lock_limit = first_page_error + static_cast<int>(PageError::lock_limit),
    address_space_limit = first_page_error + static_cast<int>(PageError::address_space_limit),
    commit_limit = first_page_error + static_cast<int>(PageError::commit_limit),
    huge_page_limit = first_page_error + static_cast<int>(PageError::huge_page_limit),
    data_limit = first_page_error + static_cast<int>(PageError::data_limit),
    permissions_lost = first_page_error + static_cast<int>(PageError::permissions_lost),

    first_of_windows = 0x10000,
};

/// The result of a function of the core: a value or an error.
template <class T>
using CoreResult = std::expected<T, Error>;

/// Makes an error code of an error of the core. Nothing else does.
[[nodiscard]] std::error_code make_error_code(Error error) noexcept;

}  // namespace memory_pages::detail

template <>
struct std::is_error_code_enum<memory_pages::detail::Error> : std::true_type {};
