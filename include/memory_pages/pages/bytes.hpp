// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Access to the bytes of pages: by index, as spans, as arrays of a type, by address.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/attributes.hpp>
#include <memory_pages/detail/refusal.hpp>
#include <memory_pages/detail/rooms.hpp>
#include <memory_pages/error.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace memory_pages::rooms {

/// The bytes of pages.
template <class Owner, ReadPermission R, WritePermission W, ExecPermission E>
class [[clang::consumable(unknown)]] Bytes {
    using Self = BasicPages<Owner, R, W, E>;
    using Rights = detail::Rights<R, W, E>;

public:
    using value_type = std::uint8_t;
    using size_type = std::size_t;
    using iterator = std::conditional_t<Rights::writable, std::uint8_t*, const std::uint8_t*>;
    using const_iterator = const std::uint8_t*;

    /// Bytes owned, in whole pages; 0 when moved from.
    [[nodiscard]] std::size_t size() const noexcept { return owner().size(); }

    /// The byte at index `i`, which must be below `size()` (contract check).
    [[nodiscard, clang::callable_when("unknown")]]
    const std::uint8_t& operator[](std::size_t i) const& noexcept [[clang::lifetimebound]]
        requires Rights::readable
    {
        detail::check_index(detail::call_of<Owner, "operator[]">, i, size());
        return owner().data()[i];
    }
    [[nodiscard, clang::callable_when("unknown")]]
    std::uint8_t& operator[](std::size_t i) & noexcept [[clang::lifetimebound]]
        requires Rights::editable
    {
        detail::check_index(detail::call_of<Owner, "operator[]">, i, size());
        return owner().data()[i];
    }
    void operator[](std::size_t i) const&& = delete;

    /// The byte at index `i`. `std::out_of_range`: there is none.
    [[nodiscard, clang::callable_when("unknown")]]
    const std::uint8_t& at(std::size_t i) const& [[clang::lifetimebound]]
        requires Rights::readable
    {
        require_index(i);
        return owner().data()[i];
    }
    [[nodiscard, clang::callable_when("unknown")]]
    std::uint8_t& at(std::size_t i) & [[clang::lifetimebound]]
        requires Rights::editable
    {
        require_index(i);
        return owner().data()[i];
    }
    void at(std::size_t i) const&& = delete;

    /// The first byte; aligned to a page, or as the options say.
    [[nodiscard, clang::callable_when("unknown")]]
    const std::uint8_t* data() const& noexcept [[clang::lifetimebound]]
        requires Rights::readable
    {
        detail::check_live(owner(), detail::call_of<Owner, "data">);
        return owner().data();
    }
    [[nodiscard, clang::callable_when("unknown")]]
    std::uint8_t* data() & noexcept [[clang::lifetimebound]]
        requires Rights::editable
    {
        detail::check_live(owner(), detail::call_of<Owner, "data">);
        return owner().data();
    }
    void data() const&& = delete;

    /// All bytes as a span.
    [[nodiscard, clang::callable_when("unknown")]]
    std::span<const std::uint8_t> bytes() const& noexcept [[clang::lifetimebound]]
        requires Rights::readable
    {
        detail::check_live(owner(), detail::call_of<Owner, "bytes">);
        return {owner().data(), size()};
    }
    [[nodiscard, clang::callable_when("unknown")]]
    std::span<std::uint8_t> bytes() & noexcept [[clang::lifetimebound]]
        requires Rights::editable
    {
        detail::check_live(owner(), detail::call_of<Owner, "bytes">);
        return {owner().data(), size()};
    }
    void bytes() const&& = delete;

    /// The pages as an array of `size() / sizeof(T)` objects whose values are the bytes in the
    /// pages, as by `std::start_lifetime_as`. `T` is trivially copyable; the elements are const if
    /// the pages are read-only. Bytes behind the last whole object are not included.
    template <detail::Viewable T>
    [[nodiscard, clang::callable_when("unknown")]]
    std::span<const T> as() const& noexcept [[clang::lifetimebound]]
        requires Rights::readable
    {
        detail::check_live(owner(), detail::call_of<Owner, "as">);
        return detail::bytes_as<const T>(owner());
    }
    template <detail::Viewable T>
    [[nodiscard, clang::callable_when("unknown")]]
    std::span<T> as() & noexcept [[clang::lifetimebound]]
        requires Rights::editable
    {
        detail::check_live(owner(), detail::call_of<Owner, "as">);
        return detail::bytes_as<T>(owner());
    }
    template <class T>
    void as() const&& = delete;

    [[nodiscard, clang::callable_when("unknown")]]
    const_iterator begin() const& noexcept [[clang::lifetimebound]]
        requires Rights::readable
    {
        detail::check_live(owner(), detail::call_of<Owner, "begin">);
        return owner().data();
    }
    [[nodiscard, clang::callable_when("unknown")]]
    iterator begin() & noexcept [[clang::lifetimebound]]
        requires Rights::editable
    {
        detail::check_live(owner(), detail::call_of<Owner, "begin">);
        return owner().data();
    }
    [[nodiscard, clang::callable_when("unknown")]]
    const_iterator end() const& noexcept [[clang::lifetimebound]]
        requires Rights::readable
    {
        detail::check_live(owner(), detail::call_of<Owner, "end">);
        return owner().data() + size();
    }
    [[nodiscard, clang::callable_when("unknown")]]
    iterator end() & noexcept [[clang::lifetimebound]]
        requires Rights::editable
    {
        detail::check_live(owner(), detail::call_of<Owner, "end">);
        return owner().data() + size();
    }
    void begin() const&& = delete;
    void end() const&& = delete;

    /// Raw access: the address of the byte at `offset`, which must be below `size()` (contract
    /// check). Its use is not checked.
    [[nodiscard, clang::callable_when("unknown")]]
    const std::uint8_t* get_ptr(std::size_t offset = 0) const& noexcept [[clang::lifetimebound]]
        requires Rights::readable
    {
        detail::check_index(detail::call_of<Owner, "get_ptr">, offset, size());
        return owner().data() + offset;
    }
    void get_ptr(std::size_t offset = 0) const&& = delete;

    /// The same for writing. Do not read write-only pages through it.
    [[nodiscard, clang::callable_when("unknown")]]
    std::uint8_t* get_ptr_mut(std::size_t offset = 0) & noexcept [[clang::lifetimebound]]
        requires Rights::writable
    {
        detail::check_index(detail::call_of<Owner, "get_ptr_mut">, offset, size());
        return owner().data() + offset;
    }
    void get_ptr_mut(std::size_t offset = 0) const&& = delete;

    /// Raw access: the first address, whatever the permissions. A contract error for moved-from
    /// pages.
    [[nodiscard, clang::callable_when("unknown")]]
    std::uint8_t* address() const& noexcept [[clang::lifetimebound]] {
        detail::check_live(owner(), detail::call_of<Owner, "address">);
        return owner().data();
    }
    void address() const&& = delete;

private:
    [[nodiscard]] Owner& owner() noexcept {
        return detail::OwnerOf::get(static_cast<Self&>(*this));
    }
    [[nodiscard]] const Owner& owner() const noexcept {
        return detail::OwnerOf::get(static_cast<const Self&>(*this));
    }

    void require_index(std::size_t i) const {
        detail::check_live(owner(), detail::call_of<Owner, "at">);
        if (i >= size()) [[unlikely]] {
            raise_out_of_range(detail::call_of<Owner, "at">, i, size());
        }
    }
};

}  // namespace memory_pages::rooms
