// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Options for making pages: `Pages<...>(bytes, {.alignment = 1 << 21, .populate = true})`.

#include <memory_pages/huge_pages.hpp>
#include <memory_pages/placement.hpp>

#include <cstddef>

namespace memory_pages {

/// How to map pages. `resize` keeps all options.
struct PageOptions {
    /// Alignment of the first byte's address in bytes, a power of two. 0, or a value up to the
    /// allocation granularity, adds no constraint.
    std::size_t alignment = 0;

    /// Makes every page resident before returning: later touches do not fault, and a system without
    /// enough memory refuses now. The limit of a control group is not such an error: see
    /// `Pages::populate`. `invalid_argument` for pages that may be neither read nor written.
    bool populate = false;

    /// Does not charge the pages against the system's commit limit, so that a program can map far
    /// more than there is memory. When memory runs out, a touch ends the process; this call does
    /// not fail. Linux: `MAP_NORESERVE`, which overcommit mode 2 ignores (`proc(5)`).
    bool uncharged = false;

    /// Whether to use huge pages. `prefer` and `require` round the size up to whole huge pages, and
    /// align at least to one. With `require`, `decommit`, `discard` and `zero` take whole huge
    /// pages, `resize` copies, and `uncharged` is `invalid_argument`.
    HugePages huge_pages = HugePages::system;
};

/// How to reserve address space: its alignment, and the members of `Placement`.
struct ReservationOptions {
    /// Alignment of the first byte's address in bytes, a power of two. 0, or a value up to the
    /// allocation granularity, adds no constraint.
    std::size_t alignment = 0;

    Address near_to = {};      ///< See `Placement::near_to`.
    std::size_t reach = 0;     ///< See `Placement::reach`.
    AddressRange within = {};  ///< See `Placement::within`.
    const void* at = nullptr;  ///< See `Placement::at`.

    [[nodiscard]] Placement placement() const noexcept { return {near_to, reach, within, at}; }
};

/// Size of the guards before and after the pages, in bytes, rounded up to whole pages. 0: no guard
/// on that side. Guards take address space and no memory.
struct GuardOptions {
    std::size_t before = 1;
    std::size_t after = 1;
};

}  // namespace memory_pages
