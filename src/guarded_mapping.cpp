// SPDX-License-Identifier: MIT
#include <memory_pages/detail/address_space.hpp>
#include <memory_pages/detail/borrow.hpp>
#include <memory_pages/detail/guarded_mapping.hpp>
#include <memory_pages/page_size.hpp>

#include "books/byte_ranges.hpp"
#include "books/inner_guards.hpp"
#include "os/os.hpp"

#include <cstdint>
#include <limits>
#include <new>
#include <optional>

namespace memory_pages::detail {
namespace {

std::unexpected<std::error_code> failed(std::errc error) noexcept {
    return std::unexpected(std::make_error_code(error));
}

bool are_whole_pages(ByteRange range) noexcept { return are_whole_units(range, page_size()); }

/// Whether a huge page fits into this.
bool holds_a_huge_page(const std::byte* base, std::size_t bytes) noexcept {
    const std::size_t huge = os::transparent_huge_page_size();
    return huge == 0 || bytes >= huge + (-reinterpret_cast<std::uintptr_t>(base) & (huge - 1));
}

}  // namespace

Result<GuardedMapping> GuardedMapping::map(std::size_t bytes, Access access,
                                           GuardOptions guards) noexcept {
    if (bytes == 0) {
        return failed(std::errc::invalid_argument);
    }
    const std::optional<std::size_t> size = round_up_to_pages(bytes);
    const std::optional<std::size_t> before = round_up_to_pages(guards.before);
    const std::optional<std::size_t> after = round_up_to_pages(guards.after);
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
    if (!size || !before || !after || *before > most - *size || *after > most - *size - *before) {
        return failed(std::errc::not_enough_memory);
    }
    const std::size_t all = *before + *size + *after;
    Result<AddressSpace> space = AddressSpace::reserve(all, {});
    if (!space) {
        return std::unexpected(space.error());
    }
    if (const Result<void> done = space->commit(*before, *size, access); !done) {
        return std::unexpected(done.error());
    }
    auto* const data = reinterpret_cast<std::uint8_t*>(space->data() + *before);
    space->forget();
    return GuardedMapping(data, *size, *before, *after);
}

void GuardedMapping::give_back() noexcept {
    if constexpr (borrows_counted) {
        check_not_borrowed("unmap", data());
    }
    os::release(bytes_at(data(), 0) - before_, before_ + size() + after_);
    forget();
    delete inner_;
}

// -- guards ---------------------------------------------------------------------------------------

Result<void> GuardedMapping::guard(std::size_t offset, std::size_t bytes, Access access) noexcept {
    const ByteRange range{offset, bytes};
    if (!lies_within(range, size()) || !are_whole_pages(range)) {
        return failed(std::errc::invalid_argument);
    }
    if constexpr (borrows_counted) {
        check_not_borrowed("guard", data());
    }
    if (bytes == 0) {
        return {};
    }
    if (inner_ == nullptr) {
        inner_ = new (std::nothrow) InnerGuards(size());
    }
    if (inner_ == nullptr || !inner_->make_room(range)) {
        return failed(std::errc::not_enough_memory);
    }
    Result<void> done = inner_->for_all_parts(
        false, range,
        [&](ByteRange part) noexcept -> Result<void> {
            const Result<os::Guards> made =
                os::guard(bytes_at(data(), part.offset), part.bytes, access);
            if (!made) {
                return std::unexpected(made.error());
            }
            if (*made == os::Guards::pages_apart) {
                inner_->note_pages_apart();
            }
            return {};
        },
        [&](ByteRange part) noexcept {
            return os::unguard(bytes_at(data(), part.offset), part.bytes, access, inner_->how());
        });
    if (done) {
        inner_->add(range);
    }
    return done;
}

Result<void> GuardedMapping::unguard(std::size_t offset, std::size_t bytes,
                                     Access access) noexcept {
    const ByteRange range{offset, bytes};
    if (!lies_within(range, size()) || !are_whole_pages(range)) {
        return failed(std::errc::invalid_argument);
    }
    if (inner_ == nullptr) {
        return {};
    }
    Result<void> done = inner_->for_all_parts(
        true, range,
        [&](ByteRange part) noexcept {
            return os::unguard(bytes_at(data(), part.offset), part.bytes, access, inner_->how());
        },
        [&](ByteRange part) noexcept {
            return os::guard(bytes_at(data(), part.offset), part.bytes, access);
        });
    if (done) {
        inner_->remove(range);
    }
    return done;
}

bool GuardedMapping::is_guarded(std::size_t offset) const noexcept {
    return inner_ != nullptr && inner_->contains(offset);
}

/// Whether `protect`, `decommit`, `discard` and `advise` need not know where guards are.
bool GuardedMapping::are_all_marks() const noexcept {
    return inner_ == nullptr || inner_->how() == os::Guards::marks;
}

/// `verb`, by offset and bytes, for the parts of a range that are no guards.
template <class Verb>
Result<void> GuardedMapping::on_the_rest(ByteRange range, Verb verb) const noexcept {
    if (inner_ == nullptr) {
        return verb(range.offset, range.bytes);
    }
    if (!lies_within(range, size())) {
        return failed(std::errc::invalid_argument);
    }
    return inner_->for_parts(
        false, range, [&](ByteRange part) noexcept { return verb(part.offset, part.bytes); });
}

/// The same for a verb that changes contents.
template <class Verb>
Result<void> GuardedMapping::on_whole_pages(ByteRange range, Verb verb) const noexcept {
    return are_whole_pages(range) ? on_the_rest(range, verb)
                                  : Result<void>(failed(std::errc::invalid_argument));
}

/// `verb` for one range after the other, if all are good arguments.
template <class Verb>
Result<void> GuardedMapping::on_all(std::span<const ByteRange> ranges, bool must_be_whole,
                                    Verb verb) const noexcept {
    for (const ByteRange range : ranges) {
        if (!lies_within(range, size()) || (must_be_whole && !are_whole_pages(range))) {
            return failed(std::errc::invalid_argument);
        }
    }
    for (const ByteRange range : ranges) {
        if (Result<void> done = verb(range.offset, range.bytes); !done) {
            return done;
        }
    }
    return {};
}

// -- the verbs of `Mapping`
// -------------------------------------------------------------------------

Result<void> GuardedMapping::protect(Access from, Access to) noexcept {
    // Code is flushed on its way to executable pages, and guards cannot be.
    if (from == to || inner_ == nullptr || (are_all_marks() && !allows(to, Access::exec))) {
        return Mapping::protect(from, to);
    }
    if constexpr (borrows_counted) {
        check_not_borrowed("protect", data());
    }
    const ByteRange all{0, size()};
    const auto change = [&](Access before, Access then) noexcept {
        return [=, this](ByteRange part) noexcept {
            return protect_part(part.offset, part.bytes, before, then);
        };
    };
    Result<void> done = inner_->for_all_parts(false, all, change(from, to), change(to, from));
    if (done && are_all_marks()) {
        // The guards too, so that their pages come back as all others are.
        done = os::protect(bytes_at(data(), 0), size(), to);
        if (!done) {
            (void)os::protect(bytes_at(data(), 0), size(), from);
        }
    }
    return done;
}

Result<void> GuardedMapping::populate(std::size_t offset, std::size_t bytes,
                                      Access access) const noexcept {
    return on_the_rest({offset, bytes}, [&](std::size_t at, std::size_t count) noexcept {
        return Mapping::populate(at, count, access);
    });
}

Result<void> GuardedMapping::collapse(std::size_t offset, std::size_t bytes) const noexcept {
    return on_the_rest({offset, bytes}, [&](std::size_t at, std::size_t count) noexcept {
        return inner_ == nullptr || holds_a_huge_page(bytes_at(data(), at), count)
                   ? Mapping::collapse(at, count)
                   : Result<void>();
    });
}

Result<void> GuardedMapping::publish(std::size_t offset, std::size_t bytes) noexcept {
    return on_the_rest({offset, bytes}, [&](std::size_t at, std::size_t count) noexcept {
        return Mapping::publish(at, count);
    });
}

Result<void> GuardedMapping::zero(std::size_t offset, std::size_t bytes) noexcept {
    return on_whole_pages({offset, bytes}, [&](std::size_t at, std::size_t count) noexcept {
        return Mapping::zero(at, count);
    });
}

Result<void> GuardedMapping::advise(Advice advice, std::size_t offset,
                                    std::size_t bytes) const noexcept {
    if (are_all_marks()) {
        return Mapping::advise(advice, offset, bytes);
    }
    return on_the_rest({offset, bytes}, [&](std::size_t at, std::size_t count) noexcept {
        return Mapping::advise(advice, at, count);
    });
}

Result<void> GuardedMapping::decommit(std::size_t offset, std::size_t bytes) noexcept {
    if (are_all_marks()) {
        return Mapping::decommit(offset, bytes);
    }
    return on_whole_pages({offset, bytes}, [&](std::size_t at, std::size_t count) noexcept {
        return Mapping::decommit(at, count);
    });
}

Result<void> GuardedMapping::discard(std::size_t offset, std::size_t bytes) noexcept {
    if (are_all_marks()) {
        return Mapping::discard(offset, bytes);
    }
    return on_whole_pages({offset, bytes}, [&](std::size_t at, std::size_t count) noexcept {
        return Mapping::discard(at, count);
    });
}

Result<void> GuardedMapping::advise(Advice advice,
                                    std::span<const ByteRange> ranges) const noexcept {
    if (are_all_marks()) {
        return Mapping::advise(advice, ranges);
    }
    return on_all(ranges, false, [&](std::size_t offset, std::size_t bytes) noexcept {
        return advise(advice, offset, bytes);
    });
}

Result<void> GuardedMapping::decommit(std::span<const ByteRange> ranges) noexcept {
    if (are_all_marks()) {
        return Mapping::decommit(ranges);
    }
    return on_all(ranges, true, [&](std::size_t offset, std::size_t bytes) noexcept {
        return decommit(offset, bytes);
    });
}

Result<void> GuardedMapping::discard(std::span<const ByteRange> ranges) noexcept {
    if (are_all_marks()) {
        return Mapping::discard(ranges);
    }
    return on_all(ranges, true, [&](std::size_t offset, std::size_t bytes) noexcept {
        return discard(offset, bytes);
    });
}

}  // namespace memory_pages::detail
