// SPDX-License-Identifier: MIT
// Source: Microsoft's reference of the memory management functions.
#include "os/contents.hpp"
#include "cpu/clear.hpp"
#include "os/advice.hpp"
#include "os/memory.hpp"
#include "os/shared.hpp"
#include "os/windows/api.hpp"
#include "os/windows/calls.hpp"
#include "os/windows/virtual_memory.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using os::commit_patiently;
using os::query;
using os::take_away;

/// Gives pages new memory, which reads zero.
os::Result<void> renew(std::byte* base, std::size_t bytes, DWORD state) noexcept {
    if (state == MEM_COMMIT) {
        if (os::Result<void> done = take_away(base, bytes); !done) {
            return done;
        }
    }
    return commit_patiently(base, bytes, PAGE_READWRITE);
}

/// Decommits PAGE_READWRITE pages and commits them again: they read zero. After a refusal a part
/// stays inaccessible, and owned by the caller, until a later call succeeds.
///
/// Windows does not report which protection decommitted pages had, so all other pages, such as
/// executable ones, keep their memory: `keep` is called for them, and for pages of sections, which
/// cannot be decommitted.
template <class Keep>
os::Result<void> recommit(std::byte* base, std::size_t bytes, Keep keep) noexcept {
    std::byte* const end = base + bytes;
    while (base != end) {
        const MEMORY_BASIC_INFORMATION region = query(base);
        const std::size_t count = std::min(region.RegionSize, static_cast<std::size_t>(end - base));
        const bool is_kept = region.State == MEM_COMMIT &&
                             (region.Protect != PAGE_READWRITE || region.Type != MEM_PRIVATE);
        if (os::Result<void> done = is_kept ? keep(base, count) : renew(base, count, region.State);
            !done) {
            return done;
        }
        base += count;
    }
    return {};
}

/// Discards the contents of pages, and removes the pages from the working set.
os::Result<void> drop(std::byte* base, std::size_t bytes) noexcept {
    if (os::Result<void> done = os::discard(base, bytes); !done) {
        return done;
    }
    return os::advise(base, bytes, Advice::page_out);
}

os::Result<void> clear_now(std::byte* base, std::size_t bytes) noexcept {
    std::memset(base, 0, bytes);
    return {};
}

}  // namespace

os::Result<void> os::decommit(std::byte* base, std::size_t bytes) noexcept {
    const KeepLastError keep;
    // Since Windows 8.1.
    static constinit LookedUp<decltype(::DiscardVirtualMemory)> found("DiscardVirtualMemory");
    auto* const discard_virtual_memory = found.get();
    if (discard_virtual_memory != nullptr && discard_virtual_memory(base, bytes) == ERROR_SUCCESS) {
        return {};
    }
    return recommit(base, bytes, drop);
}

os::Result<void> os::decommit_all(std::span<const Range> ranges) noexcept {
    return one_by_one(ranges, decommit);
}

// The memory stays until it is needed elsewhere, and is not written to the page file.
os::Result<void> os::discard(std::byte* base, std::size_t bytes) noexcept {
    const KeepLastError keep;
    return done_or_refused(allocate(base, bytes, MEM_RESET, PAGE_NOACCESS) != nullptr);
}

os::Result<void> os::discard_all(std::span<const Range> ranges) noexcept {
    return one_by_one(ranges, discard);
}

os::Result<void> os::zero(std::byte* base, std::size_t bytes) noexcept {
    const KeepLastError keep;
    if (!are_few(bytes)) {
        // Large pages cannot be decommitted.
        if (os::Result<void> done = recommit(base, bytes, clear_now);
            done || !is_in_reach(base, bytes)) {
            return done;
        }
    }
    std::memset(base, 0, bytes);
    return {};
}

void os::clear(std::byte* base, std::size_t bytes) noexcept { cpu::write_zeros(base, bytes); }

os::Result<void> os::populate(std::byte* base, std::size_t bytes, Access access) noexcept {
    touch(base, bytes, access);
    return {};
}

void os::copy(std::byte* to, const std::byte* from, std::size_t bytes) noexcept {
    copy_unless_zero(to, from, bytes);
}

}  // namespace memory_pages

#pragma GCC visibility pop
