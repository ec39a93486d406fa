// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// How pages are to be made: `Pages<...>(bytes, {.alignment = 1 << 21, .populate = true})`.

#include <memory_pages/huge_pages.hpp>

#include <cstddef>

namespace memory_pages {

/// How pages are to be made. `resize` keeps all of it.
struct PageOptions {
    /// The first byte's address is a multiple of this many bytes: a power of two. 0, and anything
    /// not above the allocation granularity, asks for nothing special.
    std::size_t alignment = 0;

    /// Make every page resident before returning: later touches do not fault, and a system
    /// without enough memory says so now. `invalid_argument` where the pages may be neither read
    /// nor written.
    bool populate = false;

    /// Do not count the pages against the system's commit limit, so that far more may be mapped
    /// than there is memory. Running out then ends the process at a touch, not this call with an
    /// error. Linux: `MAP_NORESERVE`, which overcommit mode 2 ignores (`proc(5)`).
    bool uncharged = false;

    /// Whether they are huge pages. With `prefer` and `require` the size rounds up to whole huge
    /// pages, and the alignment is at least theirs. Of required ones, `decommit`, `discard` and
    /// `zero` take whole huge pages, `resize` copies, and `uncharged` is `invalid_argument`.
    HugePages huge_pages = HugePages::system;
};

/// Where address space is to be reserved.
struct ReservationOptions {
    /// The first byte's address is a multiple of this many bytes: a power of two. 0, and anything
    /// not above the allocation granularity, asks for nothing special.
    std::size_t alignment = 0;

    /// As near to this address as room is found: places on both sides of it are tried, further and
    /// further away. Where all are taken, it is anywhere. For code that must be within reach of
    /// other code, say.
    const void* near_to = nullptr;

    /// Exactly at this address, a multiple of the alignment and of the allocation granularity, and
    /// never over something that is there: that is `std::errc::address_in_use`. Not with `near_to`.
    const void* at = nullptr;
};

/// How far guards reach around pages, in bytes; rounded up to whole pages, so that the least guard
/// is one page. 0: none on that side. They take address space and no memory.
struct GuardOptions {
    std::size_t before = 1;
    std::size_t after = 1;
};

}  // namespace memory_pages
