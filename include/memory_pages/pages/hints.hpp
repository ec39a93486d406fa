// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Hints about coming use, and making pages resident. Contents never change.

#include <memory_pages/access.hpp>
#include <memory_pages/advice.hpp>
#include <memory_pages/detail/attributes.hpp>
#include <memory_pages/detail/refusal.hpp>
#include <memory_pages/detail/rooms.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/ranges.hpp>

#include <concepts>
#include <cstddef>
#include <span>

namespace memory_pages::rooms {

/// An owner that takes hints.
template <class Owner>
concept Advisable = requires(const Owner& owner, Advice advice, std::size_t n,
                             std::span<const ByteRange> ranges, Access access) {
    { owner.advise(advice, n, n) } noexcept -> std::same_as<Result<void>>;
    { owner.advise(advice, ranges) } noexcept -> std::same_as<Result<void>>;
    { owner.populate(n, n, access) } noexcept -> std::same_as<Result<void>>;
    { owner.collapse(n, n) } noexcept -> std::same_as<Result<void>>;
};

/// Hints, if the owner takes them. Ranges are in bytes, rounded outward to whole pages.
template <class Owner, ReadPermission R, WritePermission W, ExecPermission E>
class Hints {};

template <class Owner, ReadPermission R, WritePermission W, ExecPermission E>
    requires Advisable<Owner>
class [[clang::consumable(unknown)]] Hints<Owner, R, W, E> {
    using Self = BasicPages<Owner, R, W, E>;
    using Rights = detail::Rights<R, W, E>;

public:
    /// Tells the kernel how a range will be used. Advice that the system does not support is
    /// ignored; see `is_supported(advice)`. An empty range does nothing.
    ///
    /// `invalid_argument`: outside the pages.
    [[clang::callable_when("unknown")]]
    void advise(Advice advice, std::size_t offset = 0,
                std::size_t bytes = std::dynamic_extent) const {
        detail::or_raise(try_advise(advice, offset, bytes), detail::call_of<Owner, "advise">,
                         owner(), {offset, bytes}, detail::Units::any);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_advise(Advice advice, std::size_t offset = 0,
                            std::size_t bytes = std::dynamic_extent) const noexcept {
        detail::check_live(owner(), detail::call_of<Owner, "advise">);
        return owner().advise(advice, offset, detail::length(owner(), offset, bytes));
    }

    /// The same for many ranges, in fewer system calls: the system may take many ranges in one
    /// call, and adjacent ranges are merged. Ranges may overlap.
    ///
    /// `invalid_argument`: a range is outside the pages; nothing is done then. Linux 6.14:
    /// `process_madvise(2)`. Windows: PrefetchVirtualMemory.
    [[clang::callable_when("unknown")]]
    void advise(Advice advice, std::span<const ByteRange> ranges) const {
        detail::or_raise(try_advise(advice, ranges), detail::call_of<Owner, "advise">, owner(),
                         ranges, detail::Units::any);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_advise(Advice advice, std::span<const ByteRange> ranges) const noexcept {
        detail::check_live(owner(), detail::call_of<Owner, "advise">);
        return owner().advise(advice, ranges);
    }

    /// `advise` with `Advice::use_soon`.
    [[clang::callable_when("unknown")]]
    void advise_use_soon(std::size_t offset = 0, std::size_t bytes = std::dynamic_extent) const {
        advise(Advice::use_soon, offset, bytes);
    }
    /// `advise` with `Advice::sequential`.
    [[clang::callable_when("unknown")]]
    void advise_use_seq(std::size_t offset = 0, std::size_t bytes = std::dynamic_extent) const {
        advise(Advice::sequential, offset, bytes);
    }
    /// `advise` with `Advice::random`.
    [[clang::callable_when("unknown")]]
    void advise_use_rnd(std::size_t offset = 0, std::size_t bytes = std::dynamic_extent) const {
        advise(Advice::random, offset, bytes);
    }

    /// Makes a range resident now: touching it later does not fault. Contents never change.
    ///
    /// `invalid_argument`: outside the pages. A system without enough memory returns an error
    /// instead of ending the process (Linux 5.14). The memory limit of a control group is no error:
    /// Linux reclaims memory of the group and, if it finds none, ends a process of the group,
    /// possibly the caller (`group_memory` of `memory_limits()` tells how much is left).
    /// Linux: `madvise(2)` MADV_POPULATE_WRITE or MADV_POPULATE_READ.
    [[clang::callable_when("unknown")]]
    void populate(std::size_t offset = 0, std::size_t bytes = std::dynamic_extent) const
        requires Rights::touchable
    {
        detail::or_raise(try_populate(offset, bytes), detail::call_of<Owner, "populate">, owner(),
                         {offset, bytes}, detail::Units::any);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_populate(std::size_t offset = 0,
                              std::size_t bytes = std::dynamic_extent) const noexcept
        requires Rights::touchable
    {
        detail::check_live(owner(), detail::call_of<Owner, "populate">);
        return owner().populate(offset, detail::length(owner(), offset, bytes), Rights::access);
    }

    /// Makes huge pages of a filled range, as far as whole ones fit: random reads are faster from
    /// then on. Copies the bytes of small pages; pages that were never touched become resident too.
    /// Contents never change.
    ///
    /// `operation_not_supported`: not on this system (`Feature::collapsing`), or pages with
    /// `HugePages::never`. `resource_unavailable_try_again`: not possible now.
    /// Linux: `madvise(2)` MADV_COLLAPSE.
    [[clang::callable_when("unknown")]]
    void collapse(std::size_t offset = 0, std::size_t bytes = std::dynamic_extent) const {
        detail::or_raise(try_collapse(offset, bytes), detail::call_of<Owner, "collapse">, owner(),
                         {offset, bytes}, detail::Units::any);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_collapse(std::size_t offset = 0,
                              std::size_t bytes = std::dynamic_extent) const noexcept {
        detail::check_live(owner(), detail::call_of<Owner, "collapse">);
        return owner().collapse(offset, detail::length(owner(), offset, bytes));
    }

private:
    [[nodiscard]] const Owner& owner() const noexcept {
        return detail::OwnerOf::get(static_cast<const Self&>(*this));
    }
};

}  // namespace memory_pages::rooms
