// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Where in the address space pages go: within reach of code, below 4 GiB, or at an address.

#include <memory_pages/detail/standard.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace memory_pages {

/// An address of this process, made from a pointer to an object or a function. Null by default.
class Address {
public:
    constexpr Address() noexcept = default;
    // Implicit, so that pointers can be written where an address is wanted.
    constexpr Address(std::nullptr_t) noexcept {}
    Address(const volatile void* object) noexcept
        : number_(reinterpret_cast<std::uintptr_t>(object)) {}
    template <class Function>
        requires std::is_function_v<Function>
    Address(Function* function) noexcept : number_(reinterpret_cast<std::uintptr_t>(function)) {}

    [[nodiscard]] constexpr std::uintptr_t number() const noexcept { return number_; }

    friend constexpr bool operator==(Address, Address) noexcept = default;

private:
    std::uintptr_t number_ = 0;
};

/// The addresses from `low` up to but not including `high`. Both 0: all of the address space.
struct AddressRange {
    std::uintptr_t low = 0;
    std::uintptr_t high = 0;

    friend constexpr bool operator==(const AddressRange&, const AddressRange&) noexcept = default;
};

/// Where pages go:
/// `Pages<...>(bytes, {}, {.near_to = function, .reach = (std::size_t{1} << 31) - 1})`. What is
/// mapped already is never replaced.
///
/// `address_not_available`: no free addresses there that are large enough, or other threads took
/// each that was found. Requests for the same place, one after the other, fill neighbouring free
/// addresses.
struct Placement {
    /// As near to this address as possible, at the address itself if it is free. Without `reach`
    /// and `within` anywhere if all near addresses are taken. On a system that does not list free
    /// addresses, tries both sides at growing distances. Not an object on the stack of the main
    /// thread: that stack could no longer grow.
    Address near_to = {};

    /// The largest distance in bytes between `near_to` and the furthest end of the pages. 0: any.
    /// x86-64 calls reach 2 GiB less one byte, arm64 branches 128 MiB. Not without `near_to`
    /// (`invalid_argument`).
    std::size_t reach = 0;

    /// All pages lie within these addresses; without `near_to` as low as possible, but not below
    /// 64 KiB. `invalid_argument`: an empty range. macOS has no addresses below 4 GiB, unless an
    /// x86-64 program was linked with a smaller `-pagezero_size`.
    AddressRange within = {};

    /// Exactly here, a multiple of the alignment (with `HugePages::prefer` at least of a huge page)
    /// and of the allocation granularity. Taken already: `std::errc::address_in_use`. Not with
    /// `near_to`, and not outside `within` (`invalid_argument`).
    const void* at = nullptr;

    friend bool operator==(const Placement&, const Placement&) noexcept = default;
};

}  // namespace memory_pages
