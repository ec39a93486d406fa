// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Looking at the address space of this process: what is at an address, all that there is, and what
/// of it is resident. `for (const Region& region : regions())`.
///
/// Nothing here changes memory or makes it resident, and all of it may be asked while other threads
/// map and unmap: an answer is of the moment in which it was given. Linux: asks of `/proc/self`,
/// and fails with what open(2) says where that is not mounted.

#include <memory_pages/detail/attributes.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/region.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <span>

namespace memory_pages {

/// The region that holds an address. Where none does, a `RegionKind::free` one, which begins with
/// the page of that address and ends where the next region begins, or with the address space.
///
/// `not_enough_memory`: not even for the name. From any thread.
/// Linux: the ioctl PROCMAP_QUERY (6.11), else reads `/proc/self/maps` up to there, whose cost
/// grows with the number of mappings. Windows: VirtualQuery, GetMappedFileName. macOS:
/// vm_region_recurse_64, proc_regionfilename(3).
[[nodiscard]] Region query(const void* address);
[[nodiscard]] Result<Region> try_query(const void* address) noexcept;

namespace detail {

class Walk;
struct EndWalk {
    void operator()(Walk* walk) const noexcept;
};

}  // namespace detail

/// All regions of this process in the order of their addresses, but for the free ones between them:
/// an input range, which asks for each when it comes to it. Regions never overlap, nor come twice.
/// Of what is mapped or unmapped meanwhile some is seen and some not; what was there all the time
/// is seen. Moves only; for one thread at a time.
class Regions {
public:
    class Iterator;

    /// Asks nothing yet.
    Regions() noexcept = default;
    Regions(Regions&&) noexcept = default;
    Regions& operator=(Regions&&) noexcept = default;
    ~Regions() = default;

    /// Goes on to the next region, at first to the lowest; false behind the last. An error, or an
    /// exception out of the iterator, is what the system says, and the walk stays where it was.
    [[nodiscard]] Result<bool> try_next() noexcept;

    /// The region that `try_next` came to; what is in it is overwritten by the next.
    [[nodiscard]] const Region& current() const noexcept [[clang::lifetimebound]] {
        return region_;
    }

    /// To be called once.
    [[nodiscard]] Iterator begin() [[clang::lifetimebound]];
    [[nodiscard]] static std::default_sentinel_t end() noexcept { return {}; }

private:
    std::unique_ptr<detail::Walk, detail::EndWalk> walk_;
    std::uintptr_t next_ = 0;
    Region region_;
};

/// What `Regions` is walked with. Throws where the system refuses.
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

[[nodiscard]] inline Regions regions() noexcept { return {}; }

/// The bytes of a range that are resident: in whole pages that are in memory now, and in the tables
/// of this process. The range is rounded outward to pages. What is not mapped is not resident.
///
/// `invalid_argument`: the range ends behind the address space. From any thread; takes no memory.
/// Linux: the ioctl PAGEMAP_SCAN (6.7), which skips what is empty, else `/proc/self/pagemap`, 8
/// bytes for each page. Not mincore(2): of files it tells what is in the cache of the system, and
/// pages whose bytes are on their way to swap it calls resident. Pages that were only read count,
/// though they are all the one page of zeros (`VmRSS` leaves them out).
/// Windows: QueryWorkingSetEx, for committed pages; those without access are in no working set.
/// macOS: mincore(2).
[[nodiscard]] std::size_t resident_bytes(const void* address, std::size_t bytes);
[[nodiscard]] Result<std::size_t> try_resident_bytes(const void* address,
                                                     std::size_t bytes) noexcept;

/// Of a whole region.
[[nodiscard]] inline std::size_t resident_bytes(const Region& region) {
    return resident_bytes(region.address, region.size);
}
[[nodiscard]] inline Result<std::size_t> try_resident_bytes(const Region& region) noexcept {
    return try_resident_bytes(region.address, region.size);
}

/// The same page by page: `is_resident[0]` becomes what is true of the page of this address, and
/// the others of those behind it.
void resident_pages(const void* address, std::span<bool> is_resident);
[[nodiscard]] Result<void> try_resident_pages(const void* address,
                                              std::span<bool> is_resident) noexcept;

}  // namespace memory_pages
