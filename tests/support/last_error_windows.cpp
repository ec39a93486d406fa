// SPDX-License-Identifier: MIT
#include "support/last_error.hpp"

#include "support/windows_api.hpp"

int last_error::get() { return static_cast<int>(::GetLastError()); }

void last_error::set(int error) { ::SetLastError(static_cast<DWORD>(error)); }
