// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What the files of POSIX systems share: the same on each of them.

#include "os.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

using detail::allows;

/// Every verb leaves errno as it was.
class KeepErrno {
public:
    KeepErrno() noexcept : errno_(errno), value_(errno_) {}
    KeepErrno(const KeepErrno&) = delete;
    KeepErrno& operator=(const KeepErrno&) = delete;
    ~KeepErrno() { errno_ = value_; }

private:
    int& errno_;
    int value_;
};

[[nodiscard]] inline std::unexpected<std::error_code> not_supported() noexcept {
    return std::unexpected(std::make_error_code(std::errc::operation_not_supported));
}

[[nodiscard]] inline int native(Access access) noexcept {
    return (allows(access, Access::read) ? PROT_READ : 0) |
           (allows(access, Access::write) ? PROT_WRITE : 0) |
           (allows(access, Access::exec) ? PROT_EXEC : 0);
}

[[nodiscard]] inline int native(Advice advice) noexcept {
    switch (advice) {
        case Advice::normal:
            return MADV_NORMAL;
        case Advice::use_soon:
            return MADV_WILLNEED;
        case Advice::sequential:
            return MADV_SEQUENTIAL;
        case Advice::random:
            return MADV_RANDOM;
    }
    return -1;
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
