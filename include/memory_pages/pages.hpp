// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Owned pages whose permissions are part of their type.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/attributes.hpp>
#include <memory_pages/detail/mapping.hpp>
#include <memory_pages/detail/refusal.hpp>
#include <memory_pages/detail/rooms.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/pages/bytes.hpp>
#include <memory_pages/pages/execute.hpp>
#include <memory_pages/pages/give_back.hpp>
#include <memory_pages/pages/hints.hpp>
#include <memory_pages/pages/lending.hpp>
#include <memory_pages/pages/mapped.hpp>
#include <memory_pages/pages/permissions.hpp>
#include <memory_pages/pages/splitting.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <system_error>
#include <utility>

namespace memory_pages {

/// Whole pages of memory that may be used as R, W and E say: any other use does not compile. The
/// aliases are `Pages<R, W, E>` for pages with their own mapping, `PooledPages<R, W, E>` of a
/// `PagePool`, `PageRange<R, W, E>` of a `Reservation`, and `GuardedPages<R, W, E>` between guards;
/// `Owner` is the untyped owner below. The members are in the base classes, in
/// `memory_pages/pages/`.
///
/// Moves only; `Pages` are two words, the others a few more. A moved-from or default-constructed
/// object may be destroyed, assigned to and swapped, and its size is 0; any other use is a contract
/// error. Changes of permission consume the object and return another: `auto frozen =
/// std::move(pages).deny_write();`.
///
/// Verbs that make a system call have two forms: one throws `std::system_error`, and its `try_`
/// twin returns a `Result`. A bad argument is `std::errc::invalid_argument`. A failed verb leaves
/// the object as it was, except after `PageError::permissions_lost`.
///
/// Const members may be called from many threads at once; all others need exclusive access.
template <class Owner, ReadPermission R, WritePermission W, ExecPermission E>
class [[nodiscard, clang::consumable(unknown)]] BasicPages
    : public rooms::Bytes<Owner, R, W, E>,
      public rooms::Lending<Owner, R, W, E>,
      public rooms::Permissions<Owner, R, W, E>,
      public rooms::Hints<Owner, R, W, E>,
      public rooms::GivingBack<Owner, R, W, E>,
      public rooms::Executing<Owner, R, W, E>,
      public rooms::Splitting<Owner, R, W, E>,
      public rooms::OwnVerbs<Owner, R, W, E> {
    friend struct detail::OwnerOf;

public:
    /// In a range argument: up to the end of the pages.
    static constexpr std::size_t to_end = std::dynamic_extent;

    /// No pages, as after a move. No system call.
    [[clang::return_typestate(consumed)]] BasicPages() noexcept
        requires std::default_initializable<Owner>
    = default;

    /// Maps at least `bytes` bytes, rounded up to whole pages, which read zero. Only for `Pages`
    /// and `GuardedPages`: a pool or a reservation hands out its own pages.
    ///
    /// Charged like memory of `malloc`: a size that the system cannot give is refused here.
    /// `invalid_argument`: 0 bytes, or an alignment that is not a power of two.
    /// `not_enough_memory`, or the `PageError` of the limit that was reached: no memory or no
    /// address space, also for the guards.
    explicit BasicPages(std::size_t bytes, detail::OptionsOf<Owner> options = {})
        requires detail::Mappable<Owner>
        : owner_(detail::or_raise(Owner::map(bytes, detail::Rights<R, W, E>::access, options),
                                  [&](std::error_code error) {
                                      detail::raise_options(error, detail::type_name<Owner>, bytes,
                                                            options);
                                  })) {}

    /// The same without throwing.
    [[nodiscard]] static Result<BasicPages> try_new(std::size_t bytes,
                                                    detail::OptionsOf<Owner> options = {}) noexcept
        requires detail::Mappable<Owner>
    {
        return detail::pages_or_error<BasicPages>(
            Owner::map(bytes, detail::Rights<R, W, E>::access, options));
    }

    /// The same at a place, which `resize` does not keep: only for `Pages`.
    ///
    /// `address_not_available`, `address_in_use`: see `Placement`. `invalid_argument` also for
    /// `uncharged` and `HugePages::require`. arm64 macOS places no pages that are writable and
    /// executable (`permission_denied`).
    BasicPages(std::size_t bytes, detail::OptionsOf<Owner> options, const Placement& placement)
        requires detail::Placeable<Owner>
        : owner_(detail::or_raise(
              Owner::map(bytes, detail::Rights<R, W, E>::access, options, placement),
              [&](std::error_code error) {
                  detail::raise_placed(error, detail::type_name<Owner>, bytes, options, placement);
              })) {}
    [[nodiscard]] static Result<BasicPages> try_new(std::size_t bytes,
                                                    detail::OptionsOf<Owner> options,
                                                    const Placement& placement) noexcept
        requires detail::Placeable<Owner>
    {
        return detail::pages_or_error<BasicPages>(
            Owner::map(bytes, detail::Rights<R, W, E>::access, options, placement));
    }

    BasicPages(BasicPages&&) noexcept = default;
    BasicPages& operator=(BasicPages&&) noexcept = default;
    ~BasicPages() = default;

    void swap(BasicPages& other) noexcept { owner_.swap(other.owner_); }
    friend void swap(BasicPages& a, BasicPages& b) noexcept { a.swap(b); }

private:
    explicit BasicPages(Owner&& owner) noexcept : owner_(std::move(owner)) {}

    Owner owner_;
};

/// Owned pages with a mapping of their own. `BasicPages` documents all members.
template <ReadPermission R, WritePermission W, ExecPermission E>
using Pages = BasicPages<detail::Mapping, R, W, E>;

}  // namespace memory_pages
