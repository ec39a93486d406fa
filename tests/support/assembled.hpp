// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Machine code in executable pages.

#include "support/machine_code.hpp"

#include <memory_pages/exec.hpp>

#include <cstddef>
#include <utility>

namespace machine_code {

/// Executable pages with this code at an offset.
[[nodiscard]] inline auto assembled(const Code& code, std::size_t offset = 0) {
    using namespace memory_pages;
    Pages<AllowRead, AllowWrite, DenyExec> pages(offset + code.size());
    pages.write_at(offset, code);
    return std::move(pages).set_protected_exec();
}

}  // namespace machine_code
