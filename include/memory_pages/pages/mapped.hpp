// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What only `Pages` can do: resize, release and adopt.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/attributes.hpp>
#include <memory_pages/detail/because.hpp>
#include <memory_pages/detail/mapping.hpp>
#include <memory_pages/detail/refusal.hpp>
#include <memory_pages/detail/rooms.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/options.hpp>

#include <cstddef>
#include <cstdint>
#include <system_error>
#include <utility>

namespace memory_pages {

/// Released pages: the right to `adopt` them once, with their permissions. Only `release()` makes
/// one. Moves only. A C interface can take a pointer to one.
///
/// If it is destroyed, the pages stay mapped without an owner. Moved from, it has no pages.
template <ReadPermission R, WritePermission W, ExecPermission E>
class RawPages {
public:
    RawPages(RawPages&& other) noexcept : raw_(std::exchange(other.raw_, {})) {}
    RawPages& operator=(RawPages&& other) noexcept {
        raw_ = std::exchange(other.raw_, {});
        return *this;
    }
    ~RawPages() = default;

    /// The first byte; page-aligned.
    [[nodiscard]] std::uint8_t* address() const noexcept { return raw_.data(); }
    /// Bytes, in whole pages.
    [[nodiscard]] std::size_t size() const noexcept { return raw_.size(); }

private:
    friend class rooms::OwnVerbs<detail::Mapping, R, W, E>;

    explicit RawPages(detail::RawMapping raw) noexcept : raw_(raw) {}

    detail::RawMapping raw_;
};

namespace rooms {

/// Members that only `Pages` have.
template <ReadPermission R, WritePermission W, ExecPermission E>
class [[clang::consumable(unknown)]] OwnVerbs<detail::Mapping, R, W, E> {
    using Self = BasicPages<detail::Mapping, R, W, E>;
    using Rights = detail::Rights<R, W, E>;
    using Owner = detail::Mapping;
    static constexpr bool resizable = Rights::writable && !Rights::executable;

public:
    /// Takes over pages that `release` gave up. `invalid_argument`: they were adopted before.
    [[nodiscard]] static Result<Self> try_adopt(RawPages<R, W, E>&& raw) noexcept {
        const RawPages<R, W, E> taken = std::move(raw);
        return detail::pages_or_error<Self>(Owner::adopt(taken.raw_));
    }

    /// The same, throwing.
    [[nodiscard]] static Self adopt(RawPages<R, W, E>&& raw) {
        const RawPages<R, W, E> taken = std::move(raw);
        return detail::OwnerOf::make<Self>(
            detail::or_raise(Owner::adopt(taken.raw_), [&](std::error_code error) {
                detail::raise_adopt(error, detail::call_of<Owner, "adopt">, taken.address(),
                                    taken.size());
            }));
    }

    /// Takes over pages that were mapped by other code. Only checks that they are whole pages
    /// (`invalid_argument`): they must be private and anonymous, have exactly these permissions,
    /// and have no other owner. `options` are those that a later `resize` keeps. Windows: a whole
    /// allocation.
    [[nodiscard]] static Result<Self> try_adopt_unchecked(std::uint8_t* address, std::size_t bytes,
                                                          PageOptions options = {}) noexcept {
        return detail::pages_or_error<Self>(Owner::adopt(address, bytes, options));
    }

    /// The same, throwing.
    [[nodiscard]] static Self adopt_unchecked(std::uint8_t* address, std::size_t bytes,
                                              PageOptions options = {}) {
        return detail::OwnerOf::make<Self>(
            detail::or_raise(Owner::adopt(address, bytes, options), [&](std::error_code error) {
                detail::raise_adopt(error, detail::call_of<Owner, "adopt_unchecked">, address,
                                    bytes, options);
            }));
    }

    /// Gives up ownership without unmapping the pages.
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    RawPages<R, W, E> release() && noexcept {
        detail::check_live(owner(), detail::call_of<Owner, "release">);
        Self taken = std::move(static_cast<Self&>(*this));
        return RawPages<R, W, E>(detail::OwnerOf::get(taken).release());
    }
    detail::Because<"write std::move(pages).release()"> release() const& = delete;

    /// Changes the size to at least `bytes` bytes, rounded up to whole pages. Contents are kept as
    /// far as they fit, new bytes read zero, and the options are kept. The address may change, so
    /// pointers and spans are invalid. Hints may be lost.
    ///
    /// `invalid_argument`: 0 bytes. `not_enough_memory`, or the `PageError` of the limit that was
    /// reached; the pages are unchanged then.
    /// Linux: `mremap(2)`, which moves pages without copying; a copy where that cannot, and when
    /// pages with the option `populate` grow. ThreadSanitizer does not know mremap, and may report
    /// a reused address as a race.
    [[clang::callable_when("unknown")]]
    void resize(std::size_t bytes) &
        requires resizable
    {
        if (const Result<void> done = try_resize(bytes); !done) [[unlikely]] {
            detail::raise_bytes(done.error(), detail::call_of<Owner, "resize">, bytes);
        }
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_resize(std::size_t bytes) & noexcept
        requires resizable
    {
        detail::check_not_lent(owner(), detail::call_of<Owner, "resize">);
        return owner().resize(bytes, Rights::access);
    }
    detail::Because<"not writable: std::move(pages).allow_write()"> resize(std::size_t) const
        requires(!Rights::writable && !Rights::executable)
    = delete;
    detail::Because<"executable: std::move(pages).allow_write_no_exec()"> resize(std::size_t) const
        requires(Rights::executable)
    = delete;

private:
    [[nodiscard]] Owner& owner() noexcept {
        return detail::OwnerOf::get(static_cast<Self&>(*this));
    }
};

}  // namespace rooms
}  // namespace memory_pages
