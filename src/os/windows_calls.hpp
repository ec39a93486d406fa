// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What the files of Windows share: from a call to an answer of ours.

#include "os.hpp"
#include "windows_api.hpp"
#include "windows_errors.hpp"

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

[[nodiscard]] inline std::unexpected<std::error_code> refused(DWORD error) noexcept {
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
