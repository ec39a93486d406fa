// SPDX-License-Identifier: MIT
#include <memory_pages/detail/borrow.hpp>
#include <memory_pages/detail/huge_unit.hpp>
#include <memory_pages/detail/mapping.hpp>
#include <memory_pages/page_size.hpp>

#include "books/byte_ranges.hpp"
#include "books/splits.hpp"
#include "os/os.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace memory_pages::detail {
namespace {

std::size_t alignment_of(Mapping::Kind kind) noexcept {
    return std::size_t{1} << (kind & Mapping::alignment_bits);
}

HugePages huge_pages_of(Mapping::Kind kind) noexcept {
    return static_cast<HugePages>((kind & Mapping::huge_pages_bits) >> Mapping::huge_pages_shift);
}

/// Bytes that a mapping of this kind is made of: its size and its alignment are multiples of them.
std::size_t unit_of(Mapping::Kind kind) noexcept {
    switch (huge_pages_of(kind)) {
        case HugePages::prefer:
            return std::max(preferred_huge_page_size(), page_size());
        case HugePages::require:
            return std::max(os::huge_page_size(), page_size());
        default:
            return page_size();
    }
}

/// Bytes that can be given back by themselves: the system splits huge pages that it has built.
std::size_t least_given_back(Mapping::Kind kind) noexcept {
    return huge_pages_of(kind) == HugePages::require ? unit_of(kind) : page_size();
}

os::Charge charge_of(Mapping::Kind kind) noexcept {
    return (kind & Mapping::uncharged_bit) != 0 ? os::Charge::uncharged : os::Charge::charged;
}

std::uint8_t* octets(std::byte* data) noexcept { return reinterpret_cast<std::uint8_t*>(data); }

std::unexpected<std::error_code> invalid_argument() noexcept {
    return std::unexpected(std::make_error_code(std::errc::invalid_argument));
}

/// Whole units at least as large as `bytes`, or why there are none.
inline Result<std::size_t> usable_size(std::size_t bytes, std::size_t unit) noexcept {
    const std::size_t size = (bytes + unit - 1) & ~(unit - 1);
    if (size == 0) [[unlikely]] {  // Nothing was asked for, or the sum has overflowed.
        return std::unexpected(std::make_error_code(bytes == 0 ? std::errc::invalid_argument
                                                               : std::errc::not_enough_memory));
    }
    return size;
}

/// The pages that a range touches.
ByteRange rounded_outward(ByteRange range) noexcept {
    const std::size_t first = round_down_to_pages(range.offset);
    const std::size_t end = round_down_to_pages(range.offset + range.bytes + page_size() - 1);
    return {first, end - first};
}

/// What a hint does: nothing for an empty range, else `verb` for the pages that it touches.
template <class Verb>
Result<void> on_touched_pages(std::uint8_t* data, std::size_t size, ByteRange range,
                              Verb verb) noexcept {
    if (!lies_within(range, size)) {
        return invalid_argument();
    }
    if (range.bytes == 0) {
        return {};
    }
    const ByteRange pages = rounded_outward(range);
    return verb(bytes_at(data, pages.offset), pages.bytes);
}

/// What a verb that changes contents does: nothing for an empty range, else `verb` for whole units.
template <class Verb>
Result<void> on_whole_units(const char* call, const Mapping& mapping, ByteRange range,
                            std::size_t unit, Verb verb) noexcept {
    std::uint8_t* const data = mapping.data();
    if (!lies_within(range, mapping.size()) || !are_whole_units(range, unit)) {
        return invalid_argument();
    }
    if constexpr (borrows_counted) {
        check_not_borrowed(call, data);
    }
    if (range.bytes == 0) {
        return {};
    }
    return verb(bytes_at(data, range.offset), range.bytes);
}

/// Hands pages that ranges touch on to `verb`, many at once; neighbours, in the order they come in,
/// as one.
template <class Verb>
Result<void> in_batches(std::uint8_t* data, std::span<const ByteRange> ranges, Verb verb) noexcept {
    constexpr std::size_t most = 256;  // 4 KiB of stack; four times as many are no faster.
    std::array<os::Range, most> batch;
    std::size_t count = 0;
    for (const ByteRange range : ranges) {
        if (range.bytes == 0) {
            continue;
        }
        const ByteRange pages = rounded_outward(range);
        std::byte* const first = bytes_at(data, pages.offset);
        std::byte* const end = first + pages.bytes;
        if (count != 0) {
            os::Range& last = batch[count - 1];
            std::byte* const last_end = last.base + last.bytes;
            if (first <= last_end && last.base <= end) {
                last.base = std::min(first, last.base);
                last.bytes = static_cast<std::size_t>(std::max(end, last_end) - last.base);
                continue;
            }
        }
        if (count == most) {
            if (Result<void> done = verb(std::span<const os::Range>(batch)); !done) {
                return done;
            }
            count = 0;
        }
        batch[count++] = {first, pages.bytes};
    }
    return count == 0 ? Result<void>() : verb(std::span<const os::Range>(batch).first(count));
}

/// `on_whole_units` for many ranges.
template <class Verb>
Result<void> on_all_whole_units(const char* call, const Mapping& mapping,
                                std::span<const ByteRange> ranges, std::size_t unit,
                                Verb verb) noexcept {
    if (!std::ranges::all_of(ranges, [=, size = mapping.size()](ByteRange range) noexcept {
            return lies_within(range, size) && are_whole_units(range, unit);
        })) {
        return invalid_argument();
    }
    if constexpr (borrows_counted) {
        check_not_borrowed(call, mapping.data());
    }
    return in_batches(mapping.data(), ranges, verb);
}

}  // namespace

Result<Mapping> Mapping::map(std::size_t bytes, Access access, Kind kind) noexcept {
    if ((kind & ~option_bits) != 0) [[unlikely]] {
        return invalid_argument();
    }
    if ((kind & (populate_bit | huge_pages_bits)) != 0) [[unlikely]] {
        return map_specially(bytes, access, kind);
    }
    const Result<std::size_t> size = usable_size(bytes, page_size());
    if (!size) [[unlikely]] {
        return std::unexpected(size.error());
    }
    const Result<std::byte*> base = os::map(*size, alignment_of(kind), access, charge_of(kind));
    if (!base) [[unlikely]] {
        return std::unexpected(base.error());
    }
    return Mapping(octets(*base), *size, kind);
}

Result<Mapping> Mapping::map_specially(std::size_t bytes, Access access, Kind kind) noexcept {
    const std::size_t unit = unit_of(kind);
    const Result<std::size_t> size = usable_size(bytes, unit);
    if (!size) {
        return std::unexpected(size.error());
    }
    const HugePages policy = huge_pages_of(kind);
    const std::size_t alignment = std::max(alignment_of(kind), unit);
    const Result<std::byte*> base = policy == HugePages::require
                                        ? os::map_huge(*size, alignment, access)
                                        : os::map(*size, alignment, access, charge_of(kind));
    if (!base) {
        return std::unexpected(base.error());
    }
    Mapping mapping(octets(*base), *size, kind);
    if (policy == HugePages::never || policy == HugePages::prefer) {
        os::set_huge_pages(*base, *size, policy);
    }
    if ((kind & populate_bit) != 0) {
        if (const Result<void> resident = mapping.populate(0, *size, access); !resident) {
            return std::unexpected(resident.error());
        }
    }
    return mapping;
}

Result<Mapping> Mapping::adopt(std::uint8_t* data, std::size_t size, Kind kind) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(data);
    const bool is_part = (kind & part_bit) != 0;
    const std::size_t unit = is_part ? least_given_back(kind) : unit_of(kind);
    if (data == nullptr || size == 0 || (kind & ~(option_bits | part_bit)) != 0 ||
        address % unit != 0 || size % unit != 0) {
        return invalid_argument();
    }
    return Mapping(data, size, kind);
}

void Mapping::unmap() noexcept {
    if constexpr (borrows_counted) {
        check_not_borrowed("unmap", data_);
    }
    if ((kind() & part_bit) != 0) [[unlikely]] {
        return unmap_part(bytes_at(data_, 0), size());
    }
    os::unmap(bytes_at(data_, 0), size());
}

Result<Mapping> Mapping::split(std::size_t offset) noexcept {
    if (offset == 0 || offset >= size() || offset % least_given_back(kind()) != 0) {
        return invalid_argument();
    }
    if constexpr (borrows_counted) {
        check_not_borrowed("split", data_);
    }
    if (const Result<void> done = split_pages(bytes_at(data_, 0), size(), bytes_at(data_, offset),
                                              (kind() & part_bit) != 0);
        !done) {
        return std::unexpected(done.error());
    }
    set_kind(kind() | part_bit);
    Mapping behind(data_ + offset, size() - offset, kind());
    set_size(offset);
    return behind;
}

Result<void> Mapping::join(Mapping& behind) noexcept {
    if (data_ + size() != behind.data_ || (kind() & part_bit) == 0 ||
        (behind.kind() & part_bit) == 0) {
        return invalid_argument();
    }
    if constexpr (borrows_counted) {
        check_not_borrowed("join", data_);
        check_not_borrowed("join", behind.data_);
    }
    const std::size_t bytes = size() + behind.size();
    const Joined joined = join_parts(bytes_at(data_, 0), bytes_at(behind.data_, 0), bytes);
    if (joined == Joined::no) {
        return invalid_argument();
    }
    set_size(bytes);
    if (joined == Joined::to_the_whole) {
        set_kind(kind() & option_bits);
    }
    behind.forget();
    return {};
}

bool Mapping::is_enforced(Access access) noexcept { return os::is_enforced(access); }

Result<void> Mapping::protect(Access from, Access to) noexcept {
    if (from == to) {
        return {};
    }
    if constexpr (borrows_counted) {
        check_not_borrowed("protect", data_);
    }
    return protect_part(0, size(), from, to);
}

Result<void> Mapping::protect_part(std::size_t offset, std::size_t bytes, Access from,
                                   Access to) noexcept {
    const bool holds_new_code =
        allows(to, Access::exec) && (!allows(from, Access::exec) || allows(from, Access::write));
    std::byte* const base = bytes_at(data_, offset);
    Result<void> done =
        holds_new_code ? os::make_executable(base, bytes, from, to) : os::protect(base, bytes, to);
    if (!done) {
        (void)os::protect(base, bytes, from);
    }
    return done;
}

Result<void> Mapping::resize(std::size_t bytes, Access access) noexcept {
    const std::size_t unit = unit_of(kind());
    const Result<std::size_t> new_size = usable_size(bytes, unit);
    if (!new_size) {
        return std::unexpected(new_size.error());
    }
    if constexpr (borrows_counted) {
        check_not_borrowed("resize", data_);
    }
    const std::size_t old_size = size();
    if (*new_size == old_size) {
        return {};
    }
    if (((kind() & populate_bit) != 0 && *new_size > old_size) ||
        huge_pages_of(kind()) == HugePages::require || (kind() & part_bit) != 0) {
        // Whether the new pages can be had must be known before the old ones move; and a part stays
        // one only where it is.
        return move_to_new(*new_size, access);
    }
    const Result<std::byte*> moved =
        os::resize(bytes_at(data_, 0), old_size, *new_size, std::max(alignment_of(kind()), unit));
    if (!moved) {
        if (moved.error() == std::errc::operation_not_supported) {
            return move_to_new(*new_size, access);
        }
        return std::unexpected(moved.error());
    }
    data_ = octets(*moved);
    size_and_kind_ = *new_size | kind();
    return {};
}

/// `resize` by hand. The old pages stay untouched until the new ones hold everything.
Result<void> Mapping::move_to_new(std::size_t size, Access access) noexcept {
    Result<Mapping> fresh = map(size, Access::read_write, kind() & option_bits);
    if (!fresh) {
        return std::unexpected(fresh.error());
    }
    if (!allows(access, Access::read)) {
        if (Result<void> readable = protect(access, access | Access::read); !readable) {
            return readable;
        }
    }
    std::memcpy(fresh->data_, data_, std::min(size, this->size()));
    if (Result<void> same = fresh->protect(Access::read_write, access); !same) {
        (void)os::protect(bytes_at(data_, 0), this->size(), access);
        return same;
    }
    *this = std::move(*fresh);
    return {};
}

Result<void> Mapping::advise(Advice advice, std::size_t offset, std::size_t bytes) const noexcept {
    return on_touched_pages(
        data_, size(), {offset, bytes},
        [advice](std::byte* base, std::size_t n) noexcept { return os::advise(base, n, advice); });
}

Result<void> Mapping::populate(std::size_t offset, std::size_t bytes,
                               Access access) const noexcept {
    // Nothing can make pages resident that neither the kernel nor the program may touch.
    if (!allows(access, Access::read) && !allows(access, Access::write)) {
        return invalid_argument();
    }
    return on_touched_pages(data_, size(), {offset, bytes},
                            [access](std::byte* base, std::size_t n) noexcept {
                                return os::populate(base, n, access);
                            });
}

Result<void> Mapping::collapse(std::size_t offset, std::size_t bytes) const noexcept {
    return on_touched_pages(data_, size(), {offset, bytes}, os::collapse);
}

Result<void> Mapping::decommit(std::size_t offset, std::size_t bytes) noexcept {
    return on_whole_units("decommit", *this, {offset, bytes}, least_given_back(kind()),
                          os::decommit);
}

Result<void> Mapping::discard(std::size_t offset, std::size_t bytes) noexcept {
    return on_whole_units("discard", *this, {offset, bytes}, least_given_back(kind()), os::discard);
}

Result<void> Mapping::zero(std::size_t offset, std::size_t bytes) noexcept {
    return on_whole_units("zero", *this, {offset, bytes}, least_given_back(kind()), os::zero);
}

Result<void> Mapping::advise(Advice advice, std::span<const ByteRange> ranges) const noexcept {
    if (!std::ranges::all_of(
            ranges, [this](ByteRange range) noexcept { return lies_within(range, size()); })) {
        return invalid_argument();
    }
    return in_batches(data_, ranges, [advice](std::span<const os::Range> batch) noexcept {
        return os::advise_all(batch, advice);
    });
}

Result<void> Mapping::decommit(std::span<const ByteRange> ranges) noexcept {
    return on_all_whole_units("decommit", *this, ranges, least_given_back(kind()),
                              os::decommit_all);
}

Result<void> Mapping::discard(std::span<const ByteRange> ranges) noexcept {
    return on_all_whole_units("discard", *this, ranges, least_given_back(kind()), os::discard_all);
}

Result<void> Mapping::publish(std::size_t offset, std::size_t bytes) noexcept {
    if (!lies_within({offset, bytes}, size())) {
        return invalid_argument();
    }
    if (bytes == 0) {
        return {};
    }
    return os::publish(bytes_at(data_, offset), bytes);
}

}  // namespace memory_pages::detail
