// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// A part of the address space, as the system tells of it.

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>

namespace memory_pages {

/// What is behind a part of the address space.
enum class RegionKind {
    /// Nothing: nobody has taken it.
    free,
    /// Nothing, but it is taken. Windows: MEM_RESERVE. Linux and macOS have no such state: there it
    /// is private memory of no file that allows no access, though there may be bytes behind it.
    reserved,
    /// Memory of no file, of this process alone.
    anonymous,
    /// Memory of no file, which other processes may have too. Linux: MAP_SHARED of memory, of
    /// memfd_create(2), shm_open(3) or shmget(2). Windows: a section of the page file.
    shared,
    /// A file, or a copy on writing of one. Programs and libraries are files.
    file,
};

/// A run of pages of the same kind and with the same permissions. What the system joins, or keeps
/// apart though it looks the same, is up to it.
struct Region {
    const std::uint8_t* address = nullptr;  ///< The first byte.
    std::size_t size = 0;                   ///< Bytes, in whole pages.

    /// What may be done with it. Windows: pages that are guards until they are touched (PAGE_GUARD)
    /// allow nothing.
    bool is_readable = false;
    bool is_writable = false;
    bool is_executable = false;

    RegionKind kind = RegionKind::free;

    /// The path of the file, or else what the system calls it; often empty. UTF-8 as far as the
    /// system's own names are.
    /// Linux: as in `/proc/self/maps`, where ` (deleted)` is added to the path of a file that is no
    /// longer there, and `[heap]`, `[stack]`, `[vdso]`, `[anon:...]` are no files. Windows: a path
    /// of devices, `\Device\HarddiskVolume1\...`. macOS: paths only.
    std::string name;

    friend bool operator==(const Region&, const Region&) = default;
};

/// "0x7f5c0000-0x7f5c4000 r-x file /usr/lib/libc.so.6", without the last where it has no name.
[[nodiscard]] std::string to_string(const Region& region);

/// The same, on a stream.
template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out,
                                             const Region& region) {
    return out << to_string(region);
}

}  // namespace memory_pages
