// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Splitting pages, and joining them again.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/attributes.hpp>
#include <memory_pages/detail/because.hpp>
#include <memory_pages/detail/refusal.hpp>
#include <memory_pages/detail/rooms.hpp>
#include <memory_pages/error.hpp>

#include <concepts>
#include <cstddef>
#include <expected>
#include <utility>

namespace memory_pages::rooms {

/// An owner that can be split at an offset, and joined with its neighbour.
template <class Owner>
concept Divisible = requires(Owner& owner, std::size_t offset) {
    { owner.split(offset) } noexcept -> std::same_as<Result<Owner>>;
    { owner.join(owner) } noexcept -> std::same_as<Result<void>>;
};

/// Splitting and joining, if the owner can.
template <class Owner, ReadPermission R, WritePermission W, ExecPermission E>
class Splitting {};

template <class Owner, ReadPermission R, WritePermission W, ExecPermission E>
    requires Divisible<Owner>
class [[clang::consumable(unknown)]] Splitting<Owner, R, W, E> {
    using Self = BasicPages<Owner, R, W, E>;

    template <class To>
    using Changed = std::expected<To, Refused<Self>>;

public:
    /// Splits the pages into two owners: the first `offset` bytes, and the rest. From now on each
    /// has its own permissions and lifetime. Touches no page.
    ///
    /// `invalid_argument`: one side would be empty, or not whole pages (huge pages where those are
    /// required). Windows: `not_enough_memory`, no memory to note the split;
    /// `operation_not_supported`, these pages are a part that another copy of the library in this
    /// process has split. A refusal changes nothing, and the `try_` twin returns the pages.
    /// `resize` of a part copies it into a mapping of its own. Windows: when a part ends, its
    /// memory is given back at once, and its addresses when all parts have ended.
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    std::pair<Self, Self> split_at(std::size_t offset) && {
        detail::check_not_lent(owner(), detail::call_of<Owner, "split_at">);
        Result<Owner> behind = owner().split(offset);
        if (!behind) [[unlikely]] {
            detail::raise_split(behind.error(), detail::call_of<Owner, "split_at">, offset,
                                owner().size(), detail::unit_of(owner(), detail::Units::whole));
        }
        Self taken = std::move(self());
        return {std::move(taken), detail::OwnerOf::make<Self>(std::move(*behind))};
    }
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    Changed<std::pair<Self, Self>> try_split_at(std::size_t offset) && noexcept {
        detail::check_not_lent(owner(), detail::call_of<Owner, "try_split_at">);
        Result<Owner> behind = owner().split(offset);
        if (!behind) [[unlikely]] {
            return std::unexpected(Refused<Self>{behind.error(), std::move(self())});
        }
        Self taken = std::move(self());
        return std::pair(std::move(taken), detail::OwnerOf::make<Self>(std::move(*behind)));
    }

    /// Joins these pages with those right behind them. Both must come from the same mapping by
    /// splitting, in one step or several. Their permissions are the same, by type.
    ///
    /// `invalid_argument`: the two are not neighbours in this order, or not parts of one mapping
    /// (or one reservation). Both are unchanged, and the `try_` twin returns them.
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    Self join(Self&& behind) && {
        detail::check_not_lent(owner(), detail::call_of<Owner, "join">);
        detail::check_not_lent(detail::OwnerOf::get(behind), detail::call_of<Owner, "join">);
        if (const Result<void> done = owner().join(detail::OwnerOf::get(behind)); !done)
            [[unlikely]] {
            detail::raise_join(done.error(), detail::call_of<Owner, "join">, owner().data(),
                               owner().size(), detail::OwnerOf::get(behind).data());
        }
        Self taken = std::move(self());
        return taken;
    }
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    std::expected<Self, Refused<std::pair<Self, Self>>> try_join(Self&& behind) && noexcept {
        detail::check_not_lent(owner(), detail::call_of<Owner, "try_join">);
        detail::check_not_lent(detail::OwnerOf::get(behind), detail::call_of<Owner, "try_join">);
        if (const Result<void> done = owner().join(detail::OwnerOf::get(behind)); !done)
            [[unlikely]] {
            return std::unexpected(Refused<std::pair<Self, Self>>{
                done.error(), {std::move(self()), std::move(behind)}});
        }
        Self taken = std::move(self());
        return taken;
    }

    detail::Because<"write std::move(pages).split_at(offset)"> split_at(std::size_t) const& =
        delete;
    detail::Because<"write std::move(pages).try_split_at(offset)"> try_split_at(
        std::size_t) const& = delete;
    detail::Because<"write std::move(pages).join(std::move(behind))"> join(const Self&) const& =
        delete;
    detail::Because<"write std::move(pages).join(std::move(behind))"> join(const Self&) && = delete;
    template <class R2, class W2, class E2>
    detail::Because<"pages with different permissions cannot be joined"> join(
        const BasicPages<Owner, R2, W2, E2>&) && = delete;
    detail::Because<"write std::move(pages).try_join(std::move(behind))"> try_join(
        const Self&) const& = delete;
    detail::Because<"write std::move(pages).try_join(std::move(behind))"> try_join(const Self&) && =
        delete;
    template <class R2, class W2, class E2>
    detail::Because<"pages with different permissions cannot be joined"> try_join(
        const BasicPages<Owner, R2, W2, E2>&) && = delete;

private:
    [[nodiscard]] Self& self() noexcept { return static_cast<Self&>(*this); }
    [[nodiscard]] Owner& owner() noexcept {
        return detail::OwnerOf::get(static_cast<Self&>(*this));
    }
};

}  // namespace memory_pages::rooms
