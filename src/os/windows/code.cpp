// SPDX-License-Identifier: MIT
// Source: Microsoft's reference of the memory management functions.
#include "os/code.hpp"
#include "cpu/icache.hpp"
#include "os/memory.hpp"
#include "os/windows/api.hpp"
#include "os/windows/calls.hpp"

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using os::refused;

/// Called after code was written and its pages became executable.
os::Result<void> flush(std::byte* base, std::size_t bytes) noexcept {
    if (!::FlushInstructionCache(::GetCurrentProcess(), base, bytes)) {
        return refused(::GetLastError());
    }
    return {};
}

os::Result<void> synchronize_threads(std::byte* base, std::size_t bytes) noexcept {
    const os::Result<void> flushed = flush(base, bytes);
    if (flushed) {
        // Interrupts every processor that runs this process, which then fetches its code again.
        ::FlushProcessWriteBuffers();
    }
    return flushed;
}

}  // namespace

os::Result<void> os::make_executable(std::byte* base, std::size_t bytes, Access,
                                     Access to) noexcept {
    const KeepLastError keep;
    if (os::Result<void> done = protect(base, bytes, to); !done) {
        return done;
    }
    return synchronize_threads(base, bytes);
}

os::Result<void> os::publish(std::byte* base, std::size_t bytes, Publish code) noexcept {
    const KeepLastError keep;
    if (code == Publish::not_yet_run) {
        return cpu::icache::is_coherent() ? os::Result<void>() : flush(base, bytes);
    }
    return synchronize_threads(base, bytes);
}

void os::begin_writing() noexcept {}

void os::end_writing() noexcept {}

bool os::can_publish() noexcept { return true; }

}  // namespace memory_pages

#pragma GCC visibility pop
