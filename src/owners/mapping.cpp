// SPDX-License-Identifier: MIT
#include <memory_pages/detail/mapping.hpp>

#include <memory_pages/detail/address_space.hpp>
#include <memory_pages/detail/borrow.hpp>
#include <memory_pages/detail/core_error.hpp>
#include <memory_pages/detail/huge_unit.hpp>
#include <memory_pages/page_size.hpp>

#include "os/contents.hpp"
#include "os/huge.hpp"
#include "os/memory.hpp"
#include "os/poison.hpp"
#include "os/reserve.hpp"
#include "verbs/protect.hpp"
#include "verbs/ranges.hpp"
#include "verbs/verbs.hpp"

#include <algorithm>
#include <cstdint>
#include <span>

namespace memory_pages::detail {
namespace {

os::Charge charge_of(PackedOptions options) noexcept {
    return options.uncharged() ? os::Charge::uncharged : os::Charge::charged;
}

std::uint8_t* octets(std::byte* data) noexcept { return reinterpret_cast<std::uint8_t*>(data); }

verbs::Extent extent_of(const Mapping& mapping) noexcept {
    return {bytes_at(mapping.data(), 0), mapping.size(), mapping.unit()};
}

}  // namespace

bool Mapping::is_enforced(Access access) noexcept { return os::is_enforced(access); }

std::size_t Mapping::unit_of(HugePages policy) noexcept {
    switch (policy) {
        case HugePages::prefer:
            return std::max(preferred_huge_page_size(), page_size());
        case HugePages::require:
            return std::max(os::huge_page_size(), page_size());
        case HugePages::system:
        case HugePages::never:
            break;
    }
    return page_size();
}

// The system splits transparent huge pages.
std::size_t Mapping::unit() const noexcept {
    return options().huge_pages() == HugePages::require ? unit_of(HugePages::require) : page_size();
}

Result<Mapping> Mapping::map(std::size_t bytes, Access access, PackedOptions options) noexcept {
    if (options.are_special()) [[unlikely]] {
        return map_specially(bytes, access, options);
    }
    const CoreResult<std::size_t> size = whole_units(bytes, page_size());
    if (!size) [[unlikely]] {
        return std::unexpected(size.error());
    }
    const os::Result<std::byte*> base =
        os::map(*size, options.alignment(), access, charge_of(options));
    if (!base) [[unlikely]] {
        return std::unexpected(base.error());
    }
    return Mapping(octets(*base), *size, options);
}

Result<Mapping> Mapping::map_specially(std::size_t bytes, Access access,
                                       PackedOptions options) noexcept {
    const std::size_t unit = unit_of(options.huge_pages());
    const CoreResult<std::size_t> size = whole_units(bytes, unit);
    if (!size) {
        return std::unexpected(size.error());
    }
    const HugePages policy = options.huge_pages();
    const std::size_t alignment = std::max(options.alignment(), unit);
    const os::Result<std::byte*> base = policy == HugePages::require
                                            ? os::map_huge(*size, alignment, access)
                                            : os::map(*size, alignment, access, charge_of(options));
    if (!base) {
        return std::unexpected(base.error());
    }
    Mapping mapping(octets(*base), *size, options);
    if (const Result<void> done = mapping.prepare(access); !done) {
        return std::unexpected(done.error());
    }
    return mapping;
}

Result<Mapping> Mapping::map(std::size_t bytes, Access access, const PageOptions& options,
                             const Placement& placement) noexcept {
    if (placement == Placement()) {
        return map(bytes, access, options);
    }
    if (!PackedOptions::are_valid(options) || options.uncharged ||
        options.huge_pages == HugePages::require) {
        return invalid_argument();
    }
    const std::size_t unit = unit_of(options.huge_pages);
    const CoreResult<std::size_t> size = whole_units(bytes, unit);
    if (!size) {
        return std::unexpected(size.error());
    }
    CoreResult<AddressSpace> space =
        AddressSpace::reserve(*size, std::max(options.alignment, unit), placement);
    if (!space) {
        return std::unexpected(space.error());
    }
    if (const CoreResult<void> done = space->commit(0, *size, access); !done) {
        return std::unexpected(done.error());
    }
    os::reservation_to_mapping(space->data(), *size, *size);
    Mapping mapping(octets(space->data()), *size, PackedOptions(options));
    space->forget();
    if (const Result<void> done = mapping.prepare(access); !done) {
        return std::unexpected(done.error());
    }
    return mapping;
}

Result<void> Mapping::prepare(Access access) const noexcept {
    const HugePages policy = options().huge_pages();
    if (policy == HugePages::never || policy == HugePages::prefer) {
        os::set_huge_pages(bytes_at(data_, 0), size(), policy);
    }
    return options().populate() ? populate(0, size(), access) : Result<void>();
}

Result<Mapping> Mapping::adopt(std::uint8_t* data, std::size_t size,
                               const PageOptions& options) noexcept {
    if (!PackedOptions::are_valid(options)) {
        return invalid_argument();
    }
    const PackedOptions packed(options);
    const std::size_t unit = unit_of(packed.huge_pages());
    const auto address = reinterpret_cast<std::uintptr_t>(data);
    if (data == nullptr || size == 0 || ((address | size) & (unit - 1)) != 0) {
        return invalid_argument();
    }
    return Mapping(data, size, packed);
}

Result<Mapping> Mapping::adopt(RawMapping raw) noexcept {
    if (raw.data_ == nullptr) {
        return invalid_argument();
    }
    Mapping adopted;
    adopted.data_ = raw.data_;
    adopted.size_and_options_ = raw.size_and_options_;
    return adopted;
}

void Mapping::unmap() noexcept {
    if constexpr (borrows_counted) {
        check_not_borrowed("Pages::~Pages", data_);
    }
    os::forget_poison(bytes_at(data_, 0), size());
    if (options().is_part()) [[unlikely]] {
        return os::unmap_part(bytes_at(data_, 0), size());
    }
    os::unmap(bytes_at(data_, 0), size());
}

Result<Mapping> Mapping::split(std::size_t offset) noexcept {
    if (!can_split(size(), offset, unit())) {
        return invalid_argument();
    }
    const bool is_part = options().is_part();
    if (const os::Result<void> noted = os::note_split(bytes_at(data_, 0), is_part); !noted) {
        return std::unexpected(noted.error());
    }
    Mapping behind(data_ + offset, size() - offset, options().with_cut_before());
    set(offset, options().with_cut_behind());
    return behind;
}

Result<void> Mapping::join(Mapping& behind) noexcept {
    if (data_ + size() != behind.data_ || !options().is_cut_behind() ||
        !behind.options().is_cut_before()) {
        return invalid_argument();
    }
    set(size() + behind.size(), options().joined_with(behind.options()));
    os::note_join(bytes_at(data_, 0), options().is_part());
    (void)behind.release();
    return {};
}

Result<void> Mapping::resize(std::size_t bytes, Access access) noexcept {
    const std::size_t unit = unit_of(options().huge_pages());
    const CoreResult<std::size_t> new_size = whole_units(bytes, unit);
    if (!new_size) {
        return std::unexpected(new_size.error());
    }
    const std::size_t old_size = size();
    if (*new_size == old_size) {
        return {};
    }
    os::forget_poison(bytes_at(data_, 0), old_size);
    if ((options().populate() && *new_size > old_size) ||
        options().huge_pages() == HugePages::require || options().is_part()) {
        // The new pages must be available before the old ones move. A part must not move either.
        return move_to_new(*new_size, access);
    }
    const os::Result<std::byte*> moved =
        os::resize(bytes_at(data_, 0), old_size, *new_size, std::max(options().alignment(), unit));
    if (!moved) {
        if (moved.error() == Error::operation_not_supported) {
            return move_to_new(*new_size, access);
        }
        return std::unexpected(moved.error());
    }
    data_ = octets(*moved);
    set(*new_size, options());
    return {};
}

/// `resize` by copying. The old pages stay as they are until the new ones hold everything.
Result<void> Mapping::move_to_new(std::size_t size, Access access) noexcept {
    Result<Mapping> fresh = map(size, Access::read_write, options().without_cuts());
    if (!fresh) {
        return std::unexpected(fresh.error());
    }
    const Access readable = access | Access::read;
    if (Result<void> done = protect(access, readable); !done) {
        return done;
    }
    std::byte* const from = bytes_at(data_, 0);
    std::byte* const to = bytes_at(fresh->data_, 0);
    os::copy(to, from, std::min(size, this->size()));
    if (access != readable) {
        if (const CoreResult<void> same = verbs::change_part(to, size, Access::read_write, access);
            !same) {
            return std::unexpected(
                verbs::restore_part(from, this->size(), access, readable, same.error()));
        }
    }
    *this = std::move(*fresh);
    return {};
}

// -- verbs on ranges ------------------------------------------------------------------------------

Result<void> Mapping::protect(Access from, Access to) noexcept {
    return verbs::protect(bytes_at(data_, 0), size(), from, to);
}

Result<void> Mapping::advise(Advice advice, std::size_t offset, std::size_t bytes) const noexcept {
    return verbs::advise(extent_of(*this), ByteRange{offset, bytes}, advice);
}

Result<void> Mapping::populate(std::size_t offset, std::size_t bytes,
                               Access access) const noexcept {
    const CoreResult<void> done = verbs::populate(extent_of(*this), {offset, bytes}, access);
    // The pages may be touched, so only missing huge pages can be the reason.
    if (!done && done.error() == Error::bad_address &&
        options().huge_pages() == HugePages::require) {
        return std::unexpected(Error::huge_page_limit);
    }
    return done;
}

Result<void> Mapping::collapse(std::size_t offset, std::size_t bytes) const noexcept {
    return verbs::collapse(extent_of(*this), {offset, bytes});
}

Result<void> Mapping::decommit(std::size_t offset, std::size_t bytes) noexcept {
    return verbs::decommit(extent_of(*this), ByteRange{offset, bytes});
}

Result<void> Mapping::discard(std::size_t offset, std::size_t bytes) noexcept {
    return verbs::discard(extent_of(*this), ByteRange{offset, bytes});
}

Result<void> Mapping::zero(std::size_t offset, std::size_t bytes) noexcept {
    return verbs::zero(extent_of(*this), {offset, bytes});
}

Result<void> Mapping::advise(Advice advice, std::span<const ByteRange> ranges) const noexcept {
    return verbs::advise(extent_of(*this), ranges, advice);
}

Result<void> Mapping::decommit(std::span<const ByteRange> ranges) noexcept {
    return verbs::decommit(extent_of(*this), ranges);
}

Result<void> Mapping::discard(std::span<const ByteRange> ranges) noexcept {
    return verbs::discard(extent_of(*this), ranges);
}

Result<void> Mapping::publish(std::size_t offset, std::size_t bytes, Publish code) noexcept {
    return verbs::publish(extent_of(*this), {offset, bytes}, code);
}

}  // namespace memory_pages::detail
