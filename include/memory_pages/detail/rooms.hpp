// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Shared code of the base classes of `BasicPages`: what permissions allow, access to the owner,
/// and checks.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/attributes.hpp>
#include <memory_pages/detail/borrow.hpp>
#include <memory_pages/detail/check.hpp>
#include <memory_pages/detail/refusal.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/page_size.hpp>
#include <memory_pages/ranges.hpp>

#include <atomic>
#include <concepts>
#include <cstddef>
#include <expected>
#include <new>
#include <span>
#include <system_error>
#include <type_traits>
#include <utility>

namespace memory_pages {

template <class Owner, ReadPermission R, WritePermission W, ExecPermission E>
class BasicPages;

namespace detail {

/// Complete only if `memory_pages/unsafe_write_exec.hpp` is included.
template <class E>
struct WriteExecGate;

/// What three permissions allow together. Does not compile while a gate is closed.
template <ReadPermission R, WritePermission W, ExecPermission E>
struct Rights {
    static_assert(requires { sizeof(E); }, "executable pages: #include <memory_pages/exec.hpp>");
    static_assert(
        std::same_as<W, DenyWrite> || std::same_as<E, DenyExec> ||
            requires { sizeof(WriteExecGate<E>); },
        "pages that are writable and executable at once: "
        "#include <memory_pages/unsafe_write_exec.hpp>");

    static constexpr bool readable = std::same_as<R, AllowRead>;
    static constexpr bool writable = std::same_as<W, AllowWrite>;
    static constexpr bool executable = std::same_as<E, AllowExec>;
    static constexpr bool editable = readable && writable;
    static constexpr bool touchable = readable || writable;
    static constexpr bool patchable = writable && executable;
    static constexpr Access access = access_of<R, W, E>;
};

/// Access from pages to their owner, and from an owner to pages, for the base classes and for
/// functions that make pages. The only friend of `BasicPages`.
struct OwnerOf {
    template <class Owner, ReadPermission R, WritePermission W, ExecPermission E>
    [[nodiscard]] static Owner& get(BasicPages<Owner, R, W, E>& pages) noexcept {
        return pages.owner_;
    }
    template <class Owner, ReadPermission R, WritePermission W, ExecPermission E>
    [[nodiscard]] static const Owner& get(const BasicPages<Owner, R, W, E>& pages) noexcept {
        return pages.owner_;
    }
    template <class Pages, class Owner>
    [[nodiscard]] static Pages make(Owner&& owner) noexcept {
        return Pages(std::forward<Owner>(owner));
    }
};

template <class Owner>
void check_live(const Owner& owner, const char* call) noexcept {
    check(owner.data() != nullptr, call, "there are no pages: empty, or moved from");
}

/// The same for verbs that may not be called while the pages are borrowed.
template <class Owner>
void check_not_lent(const Owner& owner, const char* call) noexcept {
    check_live(owner, call);
    if constexpr (borrows_counted) {
        check_not_borrowed(call, owner.data());
    }
}

/// `bytes`, or for `std::dynamic_extent` the bytes up to the end of the pages.
template <class Owner>
[[nodiscard]] std::size_t length(const Owner& owner, std::size_t offset,
                                 std::size_t bytes) noexcept {
    return bytes == std::dynamic_extent && offset <= owner.size() ? owner.size() - offset : bytes;
}

/// The options of pages whose owner does not map them itself.
struct NoOptions {};

template <class Owner>
struct OptionsOrNone {
    using Type = NoOptions;
};
template <class Owner>
    requires requires { typename Owner::Options; }
struct OptionsOrNone<Owner> {
    using Type = typename Owner::Options;
};
template <class Owner>
using OptionsOf = typename OptionsOrNone<Owner>::Type;

/// An owner that maps pages of a size with options.
template <class Owner>
concept Mappable =
    requires(std::size_t bytes, Access access, const typename Owner::Options& options) {
        { Owner::map(bytes, access, options) } noexcept -> std::same_as<Result<Owner>>;
    };

/// The same at a place.
template <class Owner>
concept Placeable = requires(std::size_t bytes, Access access,
                             const typename Owner::Options& options, const Placement& placement) {
    { Owner::map(bytes, access, options, placement) } noexcept -> std::same_as<Result<Owner>>;
};

/// A type that pages can be viewed as an array of without copying: its objects may be made of
/// bytes, and pages are aligned for it. The user makes sure that the bytes are valid values (of a
/// `bool`, an enumeration).
template <class T>
concept Viewable = std::is_trivially_copyable_v<T> && std::is_object_v<T> && !std::is_const_v<T> &&
                   alignof(T) <= 4096;

/// All bytes as whole objects. The fence keeps the compiler from moving accesses to these bytes
/// through another type across this point.
template <class T, class Owner>
[[nodiscard]] std::span<T> bytes_as(const Owner& owner) noexcept {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    auto* const objects = static_cast<T*>(static_cast<void*>(owner.data()));
    return {std::launder(objects), owner.size() / sizeof(T)};
}

/// The pages of an owner, or the error.
template <class Pages, class Owner>
[[nodiscard]] Result<Pages> pages_or_error(Result<Owner>&& owner) noexcept {
    if (!owner) {
        return std::unexpected(owner.error());
    }
    return OwnerOf::make<Pages>(std::move(*owner));
}

/// What was made, or what `refuse` throws with the error.
template <class T, class Refuse>
[[nodiscard]] T or_raise(Result<T>&& result, Refuse refuse) {
    if (!result) [[unlikely]] {
        refuse(result.error());
    }
    return std::move(*result);
}

/// The ranges that a verb takes: any, or whole units alone.
enum class Units { any, whole };

/// Bytes of a unit of these pages: of a page, if the owner says nothing else.
template <class Owner>
[[nodiscard]] std::size_t unit_of(const Owner& owner, Units units) noexcept {
    if constexpr (requires { owner.unit(); }) {
        return units == Units::any ? 1 : owner.unit();
    } else {
        return units == Units::any ? 1 : page_size();
    }
}

template <class Owner>
[[noreturn, gnu::cold]] void raise_range_of(std::error_code error, const char* call,
                                            const Owner& owner, ByteRange range, Units units) {
    raise_range(error, call, {range.offset, length(owner, range.offset, range.bytes)}, owner.size(),
                unit_of(owner, units));
}

template <class Owner>
void or_raise(const Result<void>& done, const char* call, const Owner& owner, ByteRange range,
              Units units) {
    if (!done) [[unlikely]] {
        raise_range_of(done.error(), call, owner, range, units);
    }
}

template <class Owner>
void or_raise(const Result<void>& done, const char* call, const Owner& owner,
              std::span<const ByteRange> ranges, Units units) {
    if (!done) [[unlikely]] {
        raise_ranges(done.error(), call, ranges, owner.size(), unit_of(owner, units));
    }
}

}  // namespace detail

namespace rooms {

/// Members that only the pages of one owner have: specialised beside that owner.
template <class Owner, ReadPermission R, WritePermission W, ExecPermission E>
class OwnVerbs {};

}  // namespace rooms
}  // namespace memory_pages
