// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The functions of a plugin that is linked with its own copy of the library.

#include <memory_pages/pages.hpp>

#include <system_error>

namespace second_copy {

using ReadWrite =
    memory_pages::Pages<memory_pages::AllowRead, memory_pages::AllowWrite, memory_pages::DenyExec>;

struct Verbs {
    void (*end)(ReadWrite&& pages);
    ReadWrite (*join)(ReadWrite&& front, ReadWrite&& behind);
    std::error_code (*error)(memory_pages::PageError error);
    const std::error_category* category;
};

}  // namespace second_copy
