// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Lets a thread write pages that it may also run, where a system wants to know when it does.

namespace memory_pages::detail {

/// For as long as one lives, this thread may write pages that are writable and executable, and must
/// not run code in them. They nest, and end in the order of their beginning reversed.
class WritingCode {
public:
    WritingCode() noexcept;
    WritingCode(const WritingCode&) = delete;
    WritingCode& operator=(const WritingCode&) = delete;
    ~WritingCode();
};

}  // namespace memory_pages::detail
