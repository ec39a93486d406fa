// SPDX-License-Identifier: MIT
#include "os/code.hpp"
#include "cpu/icache.hpp"
#include "os/memory.hpp"
#include "os/posix/calls.hpp"
#include "os/shared.hpp"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using os::not_supported;

/// After a flush. membarrier(2): every thread of the process executes a core serializing
/// instruction.
os::Result<void> synchronize_threads() noexcept {
    if (cpu::icache::flush_reaches_threads()) {
        return {};
    }
    const auto barrier = [](int command) { return ::syscall(SYS_membarrier, command, 0, 0); };
    if (barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE) == 0) {
        return {};
    }
    if (errno == EPERM && barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE) == 0 &&
        barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE) == 0) {
        return {};
    }
    return not_supported();
}

}  // namespace

os::Result<void> os::make_executable(std::byte* base, std::size_t bytes, Access from,
                                     Access to) noexcept {
    if (!cpu::icache::is_coherent()) {
        if (!allows(from, Access::read)) {
            // Other threads may be using the old permissions, so this keeps them.
            if (os::Result<void> readable = protect(base, bytes, from | Access::read); !readable) {
                return readable;
            }
        }
        // Before the change, as errata of some cores require, and while the pages are readable.
        cpu::icache::flush(base, bytes);
    }
    os::Result<void> done = protect(base, bytes, to);
    if (!done || cpu::icache::is_coherent()) {
        return done;
    }
    const KeepErrno keep;
    return synchronize_threads();
}

os::Result<void> os::publish(std::byte* base, std::size_t bytes, Publish code) noexcept {
    const KeepErrno keep;
    cpu::icache::flush(base, bytes);
    return code == Publish::not_yet_run ? os::Result<void>() : synchronize_threads();
}

void os::begin_writing() noexcept {}

void os::end_writing() noexcept {}

bool os::can_publish() noexcept {
    const KeepErrno keep;
    return synchronize_threads().has_value();
}

}  // namespace memory_pages

#pragma GCC visibility pop
