// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Lending the bytes of pages to one call, and copying into them.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/attributes.hpp>
#include <memory_pages/detail/because.hpp>
#include <memory_pages/detail/borrow.hpp>
#include <memory_pages/detail/refusal.hpp>
#include <memory_pages/detail/rooms.hpp>
#include <memory_pages/writing_code.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace memory_pages {

namespace detail {

template <class Source>
concept PlainBytes = std::convertible_to<const Source&, std::span<const std::uint8_t>>;

/// Strings, and contiguous ranges of bytes of another type than `std::uint8_t`.
template <class Source>
concept OtherBytes =
    !PlainBytes<Source> && (std::convertible_to<const Source&, std::string_view> ||
                            std::convertible_to<const Source&, std::u8string_view> ||
                            std::convertible_to<const Source&, std::span<const std::byte>> ||
                            std::convertible_to<const Source&, std::span<const char>>);

template <class Source>
concept NoBytes = !PlainBytes<Source> && !OtherBytes<Source>;

template <OtherBytes Source>
[[nodiscard]] std::span<const std::byte> as_bytes_of(const Source& source) noexcept {
    if constexpr (std::is_array_v<Source>) {
        return std::as_bytes(std::span(source));
    } else if constexpr (std::convertible_to<const Source&, std::string_view>) {
        return std::as_bytes(std::span(std::string_view(source)));
    } else if constexpr (std::convertible_to<const Source&, std::u8string_view>) {
        return std::as_bytes(std::span(std::u8string_view(source)));
    } else if constexpr (std::convertible_to<const Source&, std::span<const std::byte>>) {
        return std::span<const std::byte>(source);
    } else {
        return std::as_bytes(std::span<const char>(source));
    }
}

}  // namespace detail

namespace rooms {

/// Writing and reading bytes in one call.
template <class Owner, ReadPermission R, WritePermission W, ExecPermission E>
class [[clang::consumable(unknown)]] Lending {
    using Self = BasicPages<Owner, R, W, E>;
    using Rights = detail::Rights<R, W, E>;

    struct NothingToDo {};
    using Writing = std::conditional_t<Rights::patchable, WritingCode, NothingToDo>;

public:
    /// Copies `source` to the bytes from `offset`. They must lie within the pages (contract check).
    /// Write-only pages are filled with this.
    [[clang::callable_when("unknown")]]
    void write_at(std::size_t offset, std::span<const std::uint8_t> source) & noexcept
        requires Rights::writable
    {
        copy_in(offset, source.data(), source.size());
    }

    /// The same for other types of bytes: `std::as_bytes(std::span(numbers))`, a string, a
    /// `std::vector<std::byte>`, a null-terminated string without its terminator. An array is
    /// copied whole, so a string literal with its terminating zero; `"text"sv` has none.
    template <detail::OtherBytes Source>
    [[clang::callable_when("unknown")]]
    void write_at(std::size_t offset, const Source& source) & noexcept
        requires Rights::writable
    {
        const auto bytes = detail::as_bytes_of(source);
        copy_in(offset, bytes.data(), bytes.size());
    }
    template <detail::NoBytes Source>
    detail::Because<"write_at takes bytes: std::as_bytes(std::span(source))"> write_at(
        std::size_t, const Source&) & = delete;
    detail::Because<"not writable: std::move(pages).allow_write()"> write_at(
        std::size_t, std::span<const std::uint8_t>) const
        requires(!Rights::writable)
    = delete;
    template <detail::OtherBytes Source>
    detail::Because<"not writable: std::move(pages).allow_write()"> write_at(std::size_t,
                                                                             const Source&) const
        requires(!Rights::writable)
    = delete;

    /// Lends all bytes to `use` for writing during one call, and returns its result:
    /// `pages.write([](std::span<std::uint8_t> bytes) { ... })`. With a type, as for `as`:
    /// `pages.write<float>([](std::span<float> samples) { ... })`.
    ///
    /// Until `use` returns, do not change the pages' permissions or size, give up all of their
    /// contents, or unmap them: hardened builds stop with a message, others do not check and have
    /// no cost. Do not keep the span.
    ///
    /// Pages that are writable and executable may be writable only by this or by `write_at`: on
    /// arm64 macOS a thread may either write such pages or execute them, so `use` must not execute
    /// them. Do not read the span of write-only pages.
    template <detail::Viewable T = std::uint8_t, std::invocable<std::span<T>> Use>
    [[clang::callable_when("unknown")]]
    decltype(auto) write(Use&& use) & noexcept(std::is_nothrow_invocable_v<Use, std::span<T>>)
        requires Rights::writable
    {
        detail::check_live(owner(), detail::call_of<Owner, "write">);
        const detail::Borrow borrow(owner().data());
        [[maybe_unused]] const Writing writing{};
        return std::forward<Use>(use)(detail::bytes_as<T>(owner()));
    }

    /// The same for reading.
    template <detail::Viewable T = std::uint8_t, std::invocable<std::span<const T>> Use>
    [[clang::callable_when("unknown")]]
    decltype(auto) read(Use&& use) const
        noexcept(std::is_nothrow_invocable_v<Use, std::span<const T>>)
        requires Rights::readable
    {
        detail::check_live(owner(), detail::call_of<Owner, "read">);
        const detail::Borrow borrow(owner().data());
        return std::forward<Use>(use)(detail::bytes_as<const T>(owner()));
    }

private:
    void copy_in(std::size_t offset, const void* source, std::size_t bytes) noexcept {
        detail::check_live(owner(), detail::call_of<Owner, "write_at">);
        detail::check_range(detail::call_of<Owner, "write_at">, offset, bytes, owner().size());
        if (bytes != 0) {
            [[maybe_unused]] const Writing writing{};
            std::memmove(owner().data() + offset, source, bytes);
        }
    }

    [[nodiscard]] Owner& owner() noexcept {
        return detail::OwnerOf::get(static_cast<Self&>(*this));
    }
    [[nodiscard]] const Owner& owner() const noexcept {
        return detail::OwnerOf::get(static_cast<const Self&>(*this));
    }
};

}  // namespace rooms
}  // namespace memory_pages
