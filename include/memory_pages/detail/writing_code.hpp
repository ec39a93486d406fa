// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Lets a thread write to executable pages, on systems that need to be told.

namespace memory_pages::detail {

/// While one exists, this thread may write to pages that are writable and executable, and must not
/// run code in them. They nest, and end in reverse order.
class WritingCode {
public:
    WritingCode() noexcept;
    WritingCode(const WritingCode&) = delete;
    WritingCode& operator=(const WritingCode&) = delete;
    ~WritingCode();
};

}  // namespace memory_pages::detail
