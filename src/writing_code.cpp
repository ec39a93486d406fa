// SPDX-License-Identifier: MIT
#include <memory_pages/writing_code.hpp>

#include "os/code.hpp"

#include <cstddef>

namespace memory_pages {
namespace {

/// The number of objects in this thread: only the first begins and only the last ends writing.
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

}  // namespace memory_pages
