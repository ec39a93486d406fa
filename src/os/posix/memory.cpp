// SPDX-License-Identifier: MIT
// Memory verbs shared by all POSIX systems. munmap(2) unmaps any pages: parts of a mapping need no
// count, and one call unmaps neighbours that were mapped one by one.
#include "os/memory.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>

#pragma GCC visibility push(hidden)

namespace memory_pages {

void os::unmap_all(std::span<Range> mappings) noexcept {
    std::ranges::sort(mappings, std::less(), &Range::base);
    for (std::size_t i = 0; i < mappings.size();) {
        Range joined = mappings[i];
        for (++i; i < mappings.size() && mappings[i].base == joined.base + joined.bytes; ++i) {
            joined.bytes += mappings[i].bytes;
        }
        unmap(joined.base, joined.bytes);
    }
}

os::Result<void> os::note_split(std::byte* /*base*/, bool /*is_part*/) noexcept { return {}; }

void os::note_join(std::byte* /*base*/, bool /*is_part*/) noexcept {}

void os::unmap_part(std::byte* base, std::size_t bytes) noexcept { unmap(base, bytes); }

}  // namespace memory_pages

#pragma GCC visibility pop
