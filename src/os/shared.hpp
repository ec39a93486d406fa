// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What the files of all systems share.

#include "os.hpp"

#include <cstdint>
#include <span>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

using detail::allows;

[[nodiscard]] inline std::unexpected<std::error_code> not_supported() noexcept {
    return std::unexpected(std::make_error_code(std::errc::operation_not_supported));
}

/// A verb for many ranges where the system has no such call: one after the other, up to the first
/// that is refused.
template <class Verb>
[[nodiscard]] Result<void> one_by_one(std::span<const Range> ranges, Verb verb) noexcept {
    for (const Range& range : ranges) {
        if (Result<void> done = verb(range.base, range.bytes); !done) {
            return done;
        }
    }
    return {};
}

/// Makes pages resident by touching each, without changing a byte even if other threads do. No
/// compiler leaves out what is volatile.
inline void touch(std::byte* base, std::size_t bytes, Access access) noexcept {
    // By words, since not every processor can change a byte at once.
    using Word [[gnu::may_alias]] = std::uint32_t;
    for (std::size_t i = 0; i < bytes; i += page_size()) {
        auto* const word = static_cast<volatile Word*>(static_cast<void*>(base + i));
        if (allows(access, Access::write)) {
            (void)__atomic_fetch_or(word, 0, __ATOMIC_RELAXED);
        } else {
            (void)__atomic_load_n(word, __ATOMIC_RELAXED);
        }
    }
}

}  // namespace memory_pages::os

#pragma GCC visibility pop
