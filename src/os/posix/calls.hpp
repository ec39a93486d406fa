// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Shared by the files of POSIX systems.

#include "os/shared.hpp"
#include "os/types.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// Restores errno at its end: every verb keeps errno.
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

[[nodiscard]] inline int native(Access access) noexcept {
    return (allows(access, Access::read) ? PROT_READ : 0) |
           (allows(access, Access::write) ? PROT_WRITE : 0) |
           (allows(access, Access::exec) ? PROT_EXEC : 0);
}

}  // namespace memory_pages::os

#pragma GCC visibility pop
