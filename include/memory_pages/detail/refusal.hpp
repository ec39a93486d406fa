// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The texts of exceptions and of contract messages: the call as the user wrote it and, for an
/// invalid argument, which one it is and why.
///
/// These functions throw as `raise` does. They look at the arguments again to find the bad one, so
/// that calls that succeed do no work for the text.

#include <memory_pages/detail/because.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/options.hpp>
#include <memory_pages/ranges.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace memory_pages::detail {

/// What users call the pages of an owner: "PageRange".
template <class Owner>
inline constexpr const char* type_name = "BasicPages";
template <class Owner>
    requires requires { std::string_view(Owner::name); }
inline constexpr const char* type_name<Owner> = Owner::name;

template <class Owner, Text Verb>
struct CallText {
    static constexpr std::string_view type = type_name<Owner>;
    static constexpr auto text = [] {
        std::array<char, type.size() + 2 + sizeof(Verb.chars)> joined{};
        char* const end = joined.data() + type.copy(joined.data(), type.size());
        end[0] = end[1] = ':';
        std::string_view(Verb.chars, sizeof(Verb.chars)).copy(end + 2, sizeof(Verb.chars));
        return joined;
    }();
};

/// A verb of an owner's pages as users write it: "PageRange::decommit".
template <class Owner, Text Verb>
inline constexpr const char* call_of = CallText<Owner, Verb>::text.data();

/// Throws `std::system_error` with this text before what the code means.
[[noreturn]] void raise_text(std::error_code error, const std::string& text);

/// "call(4096 bytes)".
[[noreturn]] void raise_bytes(std::error_code error, const char* call, std::size_t bytes);

/// "call(offset 5, 10 bytes)": a range of `size` bytes, in multiples of `unit`.
[[noreturn]] void raise_range(std::error_code error, const char* call, ByteRange range,
                              std::size_t size, std::size_t unit);

/// "call(3 ranges)", and the first of them that is bad.
[[noreturn]] void raise_ranges(std::error_code error, const char* call,
                               std::span<const ByteRange> ranges, std::size_t size,
                               std::size_t unit);

/// "call(offset 5, 10 bytes)": pages of a reservation of `size` bytes. `otherwise`: what is wrong
/// if the range is not.
[[noreturn]] void raise_reserved(std::error_code error, const char* call, ByteRange range,
                                 std::size_t size,
                                 const char* otherwise = "pages of the range are in use already");

/// "call(index 5, 10 elements)", of `size` elements.
[[noreturn]] void raise_elements(std::error_code error, const char* call, std::size_t first,
                                 std::size_t count, std::size_t size);

/// The same of `count` elements for a vector, in pages that hold `fitting` elements.
[[noreturn]] void raise_from_pages(std::error_code error, std::size_t count, std::size_t fitting);

/// "call(offset 5)": a split of `size` bytes, at multiples of `unit`.
[[noreturn]] void raise_split(std::error_code error, const char* call, std::size_t offset,
                              std::size_t size, std::size_t unit);

/// "call(0x7f0000001000)": pages of `size` bytes at `front`, and those at `behind`.
[[noreturn]] void raise_join(std::error_code error, const char* call, const std::uint8_t* front,
                             std::size_t size, const std::uint8_t* behind);

/// "call(0x7f0000001000)": any address of the process.
[[noreturn]] void raise_pointer(std::error_code error, const char* call, const void* address);

/// "call(0x7f0000001000, 4096 bytes)": any bytes of the process.
[[noreturn]] void raise_address(std::error_code error, const char* call, const void* address,
                                std::size_t bytes);

/// The same of pages to adopt.
[[noreturn]] void raise_adopt(std::error_code error, const char* call, const void* address,
                              std::size_t bytes, const PageOptions& options = {});

/// "call(4096 bytes, alignment 3)": pages to map, with the options that were set.
[[noreturn]] void raise_options(std::error_code error, const char* call, std::size_t bytes,
                                const PageOptions& options);
[[noreturn]] void raise_options(std::error_code error, const char* call, std::size_t bytes,
                                const GuardOptions& options);
[[noreturn]] void raise_options(std::error_code error, const char* call, std::size_t bytes,
                                const ReservationOptions& options);
[[noreturn]] void raise_placed(std::error_code error, const char* call, std::size_t bytes,
                               const PageOptions& options, const Placement& placement);
/// The options of another owner.
template <class Options>
[[noreturn]] void raise_options(std::error_code error, const char* call, std::size_t bytes,
                                const Options& /*options*/) {
    raise_bytes(error, call, bytes);
}

}  // namespace memory_pages::detail
