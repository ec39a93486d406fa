// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Shared by the files of Windows: the results of calls as results of the library.

#include "os/types.hpp"
#include "os/windows/api.hpp"
#include "os/windows/errors.hpp"

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

[[nodiscard]] inline std::unexpected<Error> refused(DWORD error) noexcept {
    return std::unexpected(refusal(error));
}

[[nodiscard]] inline Result<void> done_or_refused(bool is_done) noexcept {
    if (!is_done) {
        return refused(::GetLastError());
    }
    return {};
}

}  // namespace memory_pages::os

#pragma GCC visibility pop
