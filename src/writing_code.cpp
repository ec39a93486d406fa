// SPDX-License-Identifier: MIT
#include <memory_pages/detail/writing_code.hpp>

#include "os/os.hpp"

#include <cstddef>

namespace memory_pages::detail {
namespace {

/// How many live in this thread: to the system, only the first begins and only the last ends.
constinit thread_local std::size_t depth = 0;

}  // namespace

WritingCode::WritingCode() noexcept {
    if (depth++ == 0) {
        os::begin_writing();
    }
}

WritingCode::~WritingCode() {
    if (--depth == 0) {
        os::end_writing();
    }
}

}  // namespace memory_pages::detail
