// SPDX-License-Identifier: MIT
#include "os/windows/errors.hpp"

#include "os/windows/api.hpp"

#include <cstdint>

namespace memory_pages::os {
namespace {

/// ERROR_DYNAMIC_CODE_BLOCKED, which some headers lack.
constexpr unsigned long dynamic_code_blocked = 1655;

}  // namespace

Error refusal(unsigned long error) noexcept {
    switch (error) {
        case ERROR_COMMITMENT_LIMIT:
        case ERROR_COMMITMENT_MINIMUM:
        case ERROR_PAGEFILE_QUOTA:
        case ERROR_NOT_ENOUGH_MEMORY:
            return Error::commit_limit;
        case ERROR_OUTOFMEMORY:
        case ERROR_NO_SYSTEM_RESOURCES:
        case ERROR_NOT_ENOUGH_QUOTA:
        case ERROR_WORKING_SET_QUOTA:
        // Callers check their arguments, so these mean that nothing is mapped there, which POSIX
        // reports as ENOMEM. Windows uses either code.
        case ERROR_INVALID_ADDRESS:
        case ERROR_INVALID_PARAMETER:
            return Error::not_enough_memory;
        case ERROR_ACCESS_DENIED:
        case dynamic_code_blocked:  // The process may not make code executable.
            return Error::permission_denied;
        case ERROR_NOT_SUPPORTED:
        case ERROR_CALL_NOT_IMPLEMENTED:
            return Error::operation_not_supported;
        default:
            return Error{static_cast<std::int32_t>(error) +
                         static_cast<std::int32_t>(Error::first_of_windows)};
    }
}

Error refusal_of_large_pages(unsigned long error) noexcept {
    switch (error) {
        case ERROR_PRIVILEGE_NOT_HELD:
        case ERROR_NOT_ALL_ASSIGNED:  // The account lacks the privilege.
        case ERROR_NO_SYSTEM_RESOURCES:
            return Error::huge_page_limit;
        case ERROR_INVALID_PARAMETER:  // This version of Windows has no large pages.
            return Error::operation_not_supported;
        default:
            return refusal(error);
    }
}

bool may_pass(unsigned long error) noexcept { return refusal(error) == Error::commit_limit; }

}  // namespace memory_pages::os
