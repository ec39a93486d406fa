// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Giving memory back without unmapping the pages.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/attributes.hpp>
#include <memory_pages/detail/refusal.hpp>
#include <memory_pages/detail/rooms.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/ranges.hpp>

#include <concepts>
#include <cstddef>
#include <span>

namespace memory_pages::rooms {

/// An owner that can give memory back.
template <class Owner>
concept Decommittable = requires(Owner& owner, std::size_t n, std::span<const ByteRange> ranges) {
    { owner.decommit(n, n) } noexcept -> std::same_as<Result<void>>;
    { owner.decommit(ranges) } noexcept -> std::same_as<Result<void>>;
    { owner.discard(n, n) } noexcept -> std::same_as<Result<void>>;
    { owner.discard(ranges) } noexcept -> std::same_as<Result<void>>;
    { owner.zero(n, n) } noexcept -> std::same_as<Result<void>>;
};

/// Verbs that give memory back, if the owner has them. Ranges are in bytes, in whole pages exactly
/// (huge pages with `HugePages::require`).
template <class Owner, ReadPermission R, WritePermission W, ExecPermission E>
class GivingBack {};

template <class Owner, ReadPermission R, WritePermission W, ExecPermission E>
    requires Decommittable<Owner>
class [[clang::consumable(unknown)]] GivingBack<Owner, R, W, E> {
    using Self = BasicPages<Owner, R, W, E>;
    using Rights = detail::Rights<R, W, E>;

public:
    /// Gives the memory of a range back: resident size falls before the call returns. The range
    /// stays usable; its contents are indeterminate (on Linux zero, but do not rely on it: use
    /// `zero`).
    ///
    /// `invalid_argument`: not whole pages, or outside the pages.
    /// Linux: `madvise(2)` MADV_DONTNEED; MADV_DONTNEED_LOCKED for locked pages. Windows:
    /// DiscardVirtualMemory. If that is missing or refused, the memory is decommitted and committed
    /// again; if the system then refuses (`commit_limit`), the range is inaccessible, and still
    /// owned, until the same call succeeds. Executable pages are removed from the working set
    /// instead.
    [[clang::callable_when("unknown")]]
    void decommit(std::size_t offset = 0, std::size_t bytes = std::dynamic_extent) &
        requires Rights::writable
    {
        detail::or_raise(try_decommit(offset, bytes), detail::call_of<Owner, "decommit">, owner(),
                         {offset, bytes}, detail::Units::whole);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_decommit(std::size_t offset = 0,
                              std::size_t bytes = std::dynamic_extent) & noexcept
        requires Rights::writable
    {
        detail::check_not_lent(owner(), detail::call_of<Owner, "decommit">);
        return owner().decommit(offset, detail::length(owner(), offset, bytes));
    }

    /// The same for many ranges, in fewer system calls: the system may take many ranges in one
    /// call, and adjacent ranges are merged. Ascending ranges are the cheapest.
    ///
    /// `invalid_argument`: a range is not whole pages, or is outside the pages; nothing is done
    /// then. If the system refuses a range, those before it may have been given back.
    /// Linux 6.14: `process_madvise(2)`; before, one `madvise(2)` for each.
    [[clang::callable_when("unknown")]]
    void decommit(std::span<const ByteRange> ranges) &
        requires Rights::writable
    {
        detail::or_raise(try_decommit(ranges), detail::call_of<Owner, "decommit">, owner(), ranges,
                         detail::Units::whole);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_decommit(std::span<const ByteRange> ranges) & noexcept
        requires Rights::writable
    {
        detail::check_not_lent(owner(), detail::call_of<Owner, "decommit">);
        return owner().decommit(ranges);
    }

    /// Lets the system take the memory of a range when it needs memory. Cheaper than `decommit` if
    /// the range is used again soon. Resident size need not fall. The range stays usable; its
    /// contents are indeterminate until written again.
    ///
    /// `invalid_argument`: as for `decommit`. Linux: MADV_FREE, or MADV_DONTNEED where that is
    /// refused. Windows: MEM_RESET.
    [[clang::callable_when("unknown")]]
    void discard(std::size_t offset = 0, std::size_t bytes = std::dynamic_extent) &
        requires Rights::writable
    {
        detail::or_raise(try_discard(offset, bytes), detail::call_of<Owner, "discard">, owner(),
                         {offset, bytes}, detail::Units::whole);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_discard(std::size_t offset = 0,
                             std::size_t bytes = std::dynamic_extent) & noexcept
        requires Rights::writable
    {
        detail::check_not_lent(owner(), detail::call_of<Owner, "discard">);
        return owner().discard(offset, detail::length(owner(), offset, bytes));
    }

    /// The same for many ranges, as for `decommit`.
    [[clang::callable_when("unknown")]]
    void discard(std::span<const ByteRange> ranges) &
        requires Rights::writable
    {
        detail::or_raise(try_discard(ranges), detail::call_of<Owner, "discard">, owner(), ranges,
                         detail::Units::whole);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_discard(std::span<const ByteRange> ranges) & noexcept
        requires Rights::writable
    {
        detail::check_not_lent(owner(), detail::call_of<Owner, "discard">);
        return owner().discard(ranges);
    }

    /// Makes a range read zero. Up to 16 pages are cleared and stay resident; the memory of a
    /// larger range is given back. Windows: it is committed again, as by `decommit`; executable
    /// pages are cleared and stay resident.
    /// `invalid_argument`: as for `decommit`.
    [[clang::callable_when("unknown")]]
    void zero(std::size_t offset = 0, std::size_t bytes = std::dynamic_extent) &
        requires Rights::writable
    {
        detail::or_raise(try_zero(offset, bytes), detail::call_of<Owner, "zero">, owner(),
                         {offset, bytes}, detail::Units::whole);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_zero(std::size_t offset = 0,
                          std::size_t bytes = std::dynamic_extent) & noexcept
        requires Rights::writable
    {
        detail::check_not_lent(owner(), detail::call_of<Owner, "zero">);
        return owner().zero(offset, detail::length(owner(), offset, bytes));
    }

private:
    [[nodiscard]] Owner& owner() noexcept {
        return detail::OwnerOf::get(static_cast<Self&>(*this));
    }
};

}  // namespace memory_pages::rooms
