// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// A region of the address space, as the system reports it.

#include <memory_pages/detail/standard.hpp>

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

namespace memory_pages {

/// What a region of the address space is.
enum class RegionKind {
    /// Not mapped and not reserved.
    free,
    /// Reserved address space. Windows: MEM_RESERVE. Linux and macOS have no such state: there this
    /// is private anonymous memory without access, which may still hold bytes.
    reserved,
    /// Private memory of this process, not of a file. Linux: also private huge pages of hugetlbfs
    /// and private mappings of `/dev/zero`.
    anonymous,
    /// Memory that is not of a file and that other processes may map too, or a private
    /// copy-on-write view of it. Linux: MAP_SHARED | MAP_ANONYMOUS, memfd_create(2), shm_open(3),
    /// shmget(2), and memory of kernel devices (`anon_inode:[io_uring]`); recognised by the file
    /// system, not by the name. Windows: a section of the page file.
    shared,
    /// A file, or a private copy-on-write view of one. Programs and libraries are files.
    file,
};

/// A run of pages of the same kind and with the same permissions. The system decides which
/// neighbouring mappings it merges.
template <class Name>
struct BasicRegion {
    const std::uint8_t* address = nullptr;  ///< The first byte.
    std::size_t size = 0;                   ///< Bytes, in whole pages.

    /// The permissions. Windows: pages with PAGE_GUARD have none until they are touched.
    bool is_readable = false;
    bool is_writable = false;
    bool is_executable = false;

    RegionKind kind = RegionKind::free;

    /// The path of the file, or the system's name for the region; often empty. UTF-8 if the
    /// system's own names are.
    /// Linux: as in `/proc/self/maps`: the path of a deleted file ends in ` (deleted)`, and
    /// `[heap]`, `[stack]`, `[vdso]`, `[anon:...]` are not files. Windows: a path that begins with
    /// a device name, not with a drive letter. macOS: paths only.
    Name name{};

    friend bool operator==(const BasicRegion&, const BasicRegion&) = default;
};
using Region = BasicRegion<std::string>;
/// The same with its name in a buffer of the caller.
using RegionView = BasicRegion<std::string_view>;

/// "0x7f5c0000-0x7f5c4000 r-x file /usr/lib/libc.so.6", without the last part if there is no name.
[[nodiscard]] std::string to_string(const Region& region);

/// Writes `to_string(region)` to a stream.
template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out,
                                             const Region& region) {
    return out << to_string(region);
}

}  // namespace memory_pages
