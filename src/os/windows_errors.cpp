// SPDX-License-Identifier: MIT
#include "windows_errors.hpp"

#include "windows_api.hpp"

#include <memory_pages/error.hpp>

namespace memory_pages::os {
namespace {

/// ERROR_DYNAMIC_CODE_BLOCKED, which not every header has.
constexpr unsigned long dynamic_code_blocked = 1655;

}  // namespace

std::error_code refusal(unsigned long error) noexcept {
    switch (error) {
        case ERROR_COMMITMENT_LIMIT:
        case ERROR_COMMITMENT_MINIMUM:
        case ERROR_PAGEFILE_QUOTA:
        case ERROR_NOT_ENOUGH_MEMORY:
            return PageError::commit_limit;
        case ERROR_OUTOFMEMORY:
        case ERROR_NO_SYSTEM_RESOURCES:
        case ERROR_NOT_ENOUGH_QUOTA:
        case ERROR_WORKING_SET_QUOTA:
        // Callers check what they ask for: what is wrong then is that nothing is mapped there, and
        // that is what POSIX calls it. Windows says the one or the other.
        case ERROR_INVALID_ADDRESS:
        case ERROR_INVALID_PARAMETER:
            return std::make_error_code(std::errc::not_enough_memory);
        case ERROR_ACCESS_DENIED:
        case dynamic_code_blocked:  // A process may forbid itself executable pages.
            return std::make_error_code(std::errc::permission_denied);
        case ERROR_NOT_SUPPORTED:
        case ERROR_CALL_NOT_IMPLEMENTED:
            return std::make_error_code(std::errc::operation_not_supported);
        default:
            return {static_cast<int>(error), std::system_category()};
    }
}

std::error_code refusal_of_large_pages(unsigned long error) noexcept {
    switch (error) {
        case ERROR_PRIVILEGE_NOT_HELD:
        case ERROR_NO_SYSTEM_RESOURCES:
            return PageError::huge_page_limit;
        case ERROR_INVALID_PARAMETER:  // Some Windows does not know them.
            return std::make_error_code(std::errc::operation_not_supported);
        default:
            return refusal(error);
    }
}

bool may_pass(unsigned long error) noexcept { return refusal(error) == PageError::commit_limit; }

}  // namespace memory_pages::os
