// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Queries of this process's address space: the region at an address, all regions, and which pages
/// are resident. `for (const Region& region : regions())`.
///
/// Nothing here changes memory or makes it resident. Other threads may map and unmap meanwhile: a
/// result is valid for the moment of the call. Linux: reads `/proc/self` (after the end of the main
/// thread `/proc/thread-self`), and fails with the error of open(2) where that is not mounted.

#include <memory_pages/detail/attributes.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/region.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <span>

namespace memory_pages {

/// The region that contains an address. If none does, a `RegionKind::free` region from the page of
/// the address to the next region, or to the end of the address space.
///
/// `not_enough_memory`: no memory for the name. Any thread, but not in a signal handler, since the
/// name is allocated.
/// Linux: the ioctl PROCMAP_QUERY (6.11), else `/proc/self/maps` up to the address, which takes
/// time in proportion to the number of mappings. Windows: VirtualQuery, GetMappedFileName. macOS:
/// vm_region_recurse_64, proc_regionfilename(3).
[[nodiscard]] Region query(const void* address);
[[nodiscard]] Result<Region> try_query(const void* address) noexcept;

/// The same with the name in a buffer of the caller, which is overwritten: cut to the bytes that
/// fit, and empty if the buffer is. Allocates nothing; may be called in a signal handler. Linux: a
/// name that does not fit may be cut up to 100 bytes before the end of the buffer, and earlier if
/// it contains line breaks. Windows: takes 10 KiB of stack.
[[nodiscard]] Result<RegionView> try_query(const void* address, std::span<char> name) noexcept;

namespace detail {

class Walk;
struct EndWalk {
    void operator()(Walk* walk) const noexcept;
};

}  // namespace detail

/// All regions of this process in ascending order, without free ones: an input range that queries
/// each region when it is reached. Regions never overlap or repeat. Regions that are mapped or
/// unmapped meanwhile may be missing; a region that exists all the time is listed. Moves only; for
/// one thread at a time, and not in a signal handler.
class Regions {
public:
    class Iterator;

    /// Makes no query yet.
    Regions() noexcept = default;
    Regions(Regions&&) noexcept = default;
    Regions& operator=(Regions&&) noexcept = default;
    ~Regions() = default;

    /// Goes to the next region, first to the lowest; false behind the last. On an error of the
    /// system (in the iterator: an exception) the walk stays where it was.
    [[nodiscard]] Result<bool> try_next() noexcept;

    /// The region of the last `try_next`; the next call overwrites it.
    [[nodiscard]] const Region& current() const noexcept [[clang::lifetimebound]] {
        return region_;
    }

    /// Call it once.
    [[nodiscard]] Iterator begin() [[clang::lifetimebound]];
    [[nodiscard]] static std::default_sentinel_t end() noexcept { return {}; }

private:
    std::unique_ptr<detail::Walk, detail::EndWalk> walk_;
    std::uintptr_t next_ = 0;
    Region region_;
};

/// The iterator of `Regions`. Throws `std::system_error` if the system refuses.
class Regions::Iterator {
public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = Region;
    using difference_type = std::ptrdiff_t;

    Iterator() noexcept = default;

    [[nodiscard]] const Region& operator*() const noexcept { return regions_->current(); }
    [[nodiscard]] const Region* operator->() const noexcept { return &regions_->current(); }
    Iterator& operator++();
    void operator++(int) { ++*this; }
    [[nodiscard]] friend bool operator==(const Iterator& iterator,
                                         std::default_sentinel_t /*end*/) noexcept {
        return iterator.regions_ == nullptr;
    }

private:
    friend Regions;
    explicit Iterator(Regions* regions) : regions_(regions) { ++*this; }

    Regions* regions_ = nullptr;
};

inline Regions::Iterator Regions::begin() { return Iterator(this); }

/// All regions, as a range.
[[nodiscard]] inline Regions regions() noexcept { return {}; }

/// The bytes of a range that are resident: in whole pages that are in memory and in the page tables
/// of this process. The range is rounded outward to pages. Memory that is not mapped is not
/// resident.
///
/// `invalid_argument`: the range exceeds the address space. Any thread; allocates nothing.
/// `try_resident_bytes` may be called in a signal handler.
/// Linux: the ioctl PAGEMAP_SCAN (6.7), which skips empty ranges, else `/proc/self/pagemap`, 8
/// bytes for each mapped page. Not mincore(2), which reports the page cache for files, and pages on
/// their way to swap as resident. Pages that were only read count, although they are all the zero
/// page (`VmRSS` leaves them out). Windows: QueryWorkingSetEx, for committed pages; pages without
/// access are in no working set. macOS: mincore(2).
[[nodiscard]] std::size_t resident_bytes(const void* address, std::size_t bytes);
[[nodiscard]] Result<std::size_t> try_resident_bytes(const void* address,
                                                     std::size_t bytes) noexcept;

/// The same for a whole region.
[[nodiscard]] inline std::size_t resident_bytes(const Region& region) {
    return resident_bytes(region.address, region.size);
}
[[nodiscard]] inline Result<std::size_t> try_resident_bytes(const Region& region) noexcept {
    return try_resident_bytes(region.address, region.size);
}

/// The same page by page: sets `is_resident[0]` for the page of this address, and the other
/// elements for the pages behind it. `try_resident_pages` may be called in a signal handler.
void resident_pages(const void* address, std::span<bool> is_resident);
[[nodiscard]] Result<void> try_resident_pages(const void* address,
                                              std::span<bool> is_resident) noexcept;

}  // namespace memory_pages
