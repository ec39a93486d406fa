// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Writing machine code to executable pages, for JITs that track their code themselves: the scope
/// in which a thread writes, and whether code may have run at the same addresses.

#include <memory_pages/detail/standard.hpp>

#include <cstdint>

namespace memory_pages {

/// What `publish` may assume about the addresses of new code.
enum class Publish : std::uint8_t {
    /// Any thread may have run code at these addresses: each is made to fetch it again.
    may_have_run,
    /// No thread has run code at these addresses since they were mapped or committed: caches are
    /// cleaned, and no thread is interrupted. A thread runs the code after it synchronizes with the
    /// one that published it. As `__builtin___clear_cache`; on x86-64 no system call, and no
    /// instruction.
    not_yet_run,
};

/// While one exists, this thread may write to pages that are writable and executable, and must not
/// run code in them. They nest, and end in reverse order. `Pages::write` and `write_at` have one of
/// their own; raw pointers and `untyped` need one around the stores.
///
/// macOS on Apple silicon: `pthread_jit_write_protect_np`, which holds for all such pages of the
/// thread. Other systems: no effect.
class [[nodiscard]] WritingCode {
public:
    WritingCode() noexcept;
    WritingCode(const WritingCode&) = delete;
    WritingCode& operator=(const WritingCode&) = delete;
    ~WritingCode();
};

}  // namespace memory_pages
