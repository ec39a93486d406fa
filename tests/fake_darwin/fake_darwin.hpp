// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// A kernel below src/os/macos/ that a test can make fail. It behaves as Darwin's manual pages and
/// xnu's sources document. Harmful calls that Darwin accepts end the test with a message: reuse of
/// pages without MADV_FREE_REUSE, sizes that the kernel would round over a neighbour, MAP_FIXED
/// over foreign pages or over MAP_JIT, flushing code that is not readable. Indeterminate contents
/// are in turn unchanged, changed, and zero. Pages are really protected, so the switch of one
/// thread applies to all: for one thread.

#include <cstddef>
#include <string>
#include <vector>

namespace fake_darwin {

struct Machine {
    std::size_t page_size = 16384;
    /// Threads either write to pages with MAP_JIT or execute them, and other pages cannot be
    /// writable and executable: arm64.
    bool has_jit_switch = true;
    /// If false, pages are not writable and executable even with MAP_JIT, as for a process with the
    /// hardened runtime and without the entitlement.
    bool allows_jit = true;
};

inline constexpr Machine arm64{};
inline constexpr Machine x86_64{.page_size = 4096, .has_jit_switch = false};

/// Starts a machine without mappings and without failures.
void boot(const Machine& machine);
[[nodiscard]] std::size_t page_size();

enum class Call {
    mmap,
    munmap,
    mprotect,
    madvise,
    jit_write_protect,
    icache_invalidate,
    vm_region_recurse,
    mincore,
    vm_remap,
    task_threads,
    thread_registers,
};

/// Makes the next `times` calls of this kind return an error: an errno, or a Mach error.
void refuse(Call call, int error, int times = 1);

struct Made {
    Call call;
    std::byte* base;
    std::size_t bytes;
    int argument;  ///< Protection, advice, or the state of the switch.
};
/// All calls since `boot` or `forget_calls`.
[[nodiscard]] const std::vector<Made>& calls();
[[nodiscard]] std::size_t count_of(Call call);
void forget_calls();

[[nodiscard]] std::size_t mapped_bytes();
/// The bytes of pages that the system does not count as used, and may reclaim.
[[nodiscard]] std::size_t reusable_bytes();
/// What the system reports of a region: private memory, a file, memory that was mapped shared, or
/// that another task has mapped too, or private memory that is locked.
enum class Kind { plain, file, shared, shared_with_a_task, locked };

/// From now on the region that begins at this address is reported as of this kind. A test that maps
/// other pages over it fails.
void pretend(const std::byte* base, Kind kind, const std::string& file = {});
/// Mach resources that were handed out and not returned.
[[nodiscard]] std::size_t ports_left();
[[nodiscard]] std::size_t threads();

}  // namespace fake_darwin
