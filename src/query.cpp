// SPDX-License-Identifier: MIT
#include <memory_pages/detail/refusal.hpp>
#include <memory_pages/page_size.hpp>
#include <memory_pages/query.hpp>

#include "os/query.hpp"
#include "verbs/ranges.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace memory_pages {
namespace {

/// False if there is no memory for it.
bool assign(std::string& name, std::string_view text) noexcept {
#if defined(__cpp_exceptions)
    try {
        name = text;
    } catch (...) {
        return false;
    }
#else
    name = text;
#endif
    return true;
}

/// All but the name.
template <class Name>
void assign_pages(BasicRegion<Name>& region, const os::RegionInfo& info) noexcept {
    region.address = std::bit_cast<const std::uint8_t*>(info.first);
    region.size = info.bytes;
    region.is_readable = allows(info.access, Access::read);
    region.is_writable = allows(info.access, Access::write);
    region.is_executable = allows(info.access, Access::exec);
    region.kind = info.kind;
}

/// Reuses the memory of the old name.
Result<void> assign(Region& region, const os::RegionInfo& info) noexcept {
    if (!assign(region.name, info.name)) {
        return std::unexpected(std::make_error_code(std::errc::not_enough_memory));
    }
    assign_pages(region, info);
    return {};
}

std::uintptr_t number_of(const void* address) noexcept {
    return reinterpret_cast<std::uintptr_t>(address);
}

/// The first byte of the page of an address.
const std::byte* page_of(const void* address) noexcept {
    return std::bit_cast<const std::byte*>(round_down_to_pages(number_of(address)));
}

/// The region that contains an address, or else the free one up to `next`, the first behind it.
os::RegionInfo region_or_room(std::uintptr_t at, const os::RegionInfo& next) noexcept {
    if (next.bytes != 0 && next.first <= at) {
        return next;
    }
    const std::uintptr_t first = round_down_to_pages(at);
    const std::uintptr_t end = next.bytes != 0 ? next.first : 0;
    return {first, end - first, Access::none, RegionKind::free, {}};
}

/// The pages that a range touches.
struct Touched {
    const std::byte* base;
    std::size_t bytes;
};
std::optional<Touched> touched_by(const void* address, std::size_t bytes) noexcept {
    const std::uintptr_t at = number_of(address);
    const std::optional<std::size_t> end =
        bytes <= SIZE_MAX - at ? round_up_to_pages(at + bytes) : std::nullopt;
    if (!end) {
        return std::nullopt;
    }
    return Touched{page_of(address), *end - number_of(page_of(address))};
}

}  // namespace

void detail::EndWalk::operator()(Walk* walk) const noexcept { os::end_walk(walk); }

Result<Region> try_query(const void* address) noexcept {
    const Result<detail::Walk*> started = os::start_walk();
    if (!started) {
        return std::unexpected(started.error());
    }
    const std::unique_ptr<detail::Walk, detail::EndWalk> walk(*started);
    const std::uintptr_t at = number_of(address);
    const Result<os::RegionInfo> found = os::region_from(*walk, at);
    if (!found) {
        return std::unexpected(found.error());
    }
    Region region;
    if (const Result<void> done = assign(region, region_or_room(at, *found)); !done) {
        return std::unexpected(done.error());
    }
    return region;
}

Result<RegionView> try_query(const void* address, std::span<char> name) noexcept {
    const std::uintptr_t at = number_of(address);
    const os::Result<os::RegionInfo> found = os::region_at(at, name);
    if (!found) {
        return std::unexpected(found.error());
    }
    const os::RegionInfo info = region_or_room(at, *found);
    RegionView region;
    assign_pages(region, info);
    region.name = info.name;
    return region;
}

Region query(const void* address) {
    Result<Region> region = try_query(address);
    if (!region) {
        detail::raise_pointer(region.error(), "query", address);
    }
    return *std::move(region);
}

Result<bool> Regions::try_next() noexcept {
    if (walk_ == nullptr) {
        const Result<detail::Walk*> started = os::start_walk();
        if (!started) {
            return std::unexpected(started.error());
        }
        walk_.reset(*started);
    }
    const Result<os::RegionInfo> found = os::region_from(*walk_, next_);
    if (!found) {
        return std::unexpected(found.error());
    }
    if (found->bytes == 0) {
        return false;
    }
    // A region that was mapped meanwhile may start before the end of the last one.
    os::RegionInfo rest = *found;
    rest.first = std::max(rest.first, next_);
    rest.bytes -= rest.first - found->first;
    if (const Result<void> done = assign(region_, rest); !done) {
        return std::unexpected(done.error());
    }
    next_ = rest.first + rest.bytes;
    return true;
}

Regions::Iterator& Regions::Iterator::operator++() {
    const Result<bool> is_there = regions_->try_next();
    if (!is_there) {
        detail::raise_text(is_there.error(), "regions()");
    }
    if (!*is_there) {
        regions_ = nullptr;
    }
    return *this;
}

Result<std::size_t> try_resident_bytes(const void* address, std::size_t bytes) noexcept {
    const std::optional<Touched> pages = touched_by(address, bytes);
    if (!pages) {
        return detail::invalid_argument();
    }
    return bytes == 0 ? std::size_t{0} : os::resident_bytes(pages->base, pages->bytes);
}

std::size_t resident_bytes(const void* address, std::size_t bytes) {
    const Result<std::size_t> resident = try_resident_bytes(address, bytes);
    if (!resident) {
        detail::raise_address(resident.error(), "resident_bytes", address, bytes);
    }
    return *resident;
}

Result<void> try_resident_pages(const void* address, std::span<bool> is_resident) noexcept {
    const std::byte* const first = page_of(address);
    if (is_resident.size() > (SIZE_MAX - number_of(first)) / page_size()) {
        return detail::invalid_argument();
    }
    if (is_resident.empty()) {
        return {};
    }
    return os::resident_pages(first, is_resident);
}

void resident_pages(const void* address, std::span<bool> is_resident) {
    if (const Result<void> done = try_resident_pages(address, is_resident); !done) {
        detail::raise_address(done.error(), "resident_pages", address,
                              is_resident.size() * page_size());
    }
}

}  // namespace memory_pages
