// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// A kernel below src/os/macos*.cpp that a test can make fail. It answers as Darwin's manual pages
/// and xnu's sources say that Darwin does. What Darwin would let pass although it does harm ends
/// the test with a message: pages that are used again without MADV_FREE_REUSE, sizes that the
/// kernel would round over a neighbour, MAP_FIXED over what is not ours or loses its MAP_JIT, code
/// whose pages cannot be read when it is flushed. What is indeterminate is in turn what it was,
/// something else, and zero. Pages are protected for real, so the switch of one thread is that of
/// all: for one thread.

#include <cstddef>
#include <string>
#include <vector>

namespace fake_darwin {

struct Machine {
    std::size_t page_size = 16384;
    /// Threads either write pages with MAP_JIT or run them, and there are no other pages that are
    /// writable and executable: arm64.
    bool has_jit_switch = true;
    /// Else pages are not writable and executable even with MAP_JIT: what a process hears that has
    /// the hardened runtime, and not the entitlement.
    bool allows_jit = true;
};

inline constexpr Machine arm64{};
inline constexpr Machine x86_64{.page_size = 4096, .has_jit_switch = false};

/// Starts a machine on which nothing is mapped and nothing fails.
void boot(const Machine& machine);
[[nodiscard]] std::size_t page_size();

enum class Call {
    mmap,
    munmap,
    mprotect,
    madvise,
    jit_write_protect,
    icache_invalidate,
    vm_region,
    vm_region_recurse,
    mincore,
    vm_remap,
    task_threads,
    thread_registers,
};

/// The next calls of this kind, so many of them, answer an error: of errno, or of Mach.
void refuse(Call call, int error, int times = 1);

struct Made {
    Call call;
    std::byte* base;
    std::size_t bytes;
    int argument;  ///< Protection, advice, or what the switch is set to.
};
/// All that was called since `boot` or `forget_calls`.
[[nodiscard]] const std::vector<Made>& calls();
[[nodiscard]] std::size_t count_of(Call call);
void forget_calls();

[[nodiscard]] std::size_t mapped_bytes();
/// Of pages that the system does not count as used, and may take.
[[nodiscard]] std::size_t reusable_bytes();
/// From now on the region that begins there is told of as if it were mapped from this file, or,
/// with no name, shared.
void pretend(const std::byte* base, const std::string& file);
/// What Mach gave away and did not get back.
[[nodiscard]] std::size_t ports_left();
[[nodiscard]] std::size_t threads();

}  // namespace fake_darwin
