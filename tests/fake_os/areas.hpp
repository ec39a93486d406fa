// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Mappings and reservations, and the memory of the real system that they use.

#include "fake_os/state.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <span>

#pragma GCC visibility push(hidden)

namespace fake {

using Found = std::map<std::byte*, Area>::iterator;

/// The same exactly at an address; false if it is taken.
[[nodiscard]] bool take_memory_at(std::byte* where, std::size_t bytes);

/// Makes touching this an error, as far as the real system's page size allows.
void retire_memory(std::byte* base, std::size_t bytes);

[[nodiscard]] std::optional<Found> find(const std::byte* base, std::size_t bytes);

[[nodiscard]] bool is_any_area_in(const std::byte* base, std::size_t bytes);

[[nodiscard]] const Page* page_at(const void* address);

[[nodiscard]] std::span<Page> pages_of(Found area, const std::byte* base, std::size_t bytes);

void require_size(std::size_t bytes, Verb verb);

void require_alignment(std::size_t alignment, Verb verb);

/// The area that contains a range of whole pages.
[[nodiscard]] Found area_of(std::byte* base, std::size_t bytes, Verb verb);

[[nodiscard]] Found whole_area_of(std::byte* base, std::size_t bytes, bool is_reservation,
                                  Verb verb);

[[nodiscard]] std::span<Page> pages_in_use(std::byte* base, std::size_t bytes, Verb verb);

[[nodiscard]] std::span<Page> unguarded_pages(std::byte* base, std::size_t bytes, Verb verb);

[[nodiscard]] std::span<Page> writable_pages(std::byte* base, std::size_t bytes, Verb verb);

[[nodiscard]] bool is_all_readable(const std::byte* base, std::size_t bytes);

[[nodiscard]] std::span<Page> reserved_pages(std::byte* base, std::size_t bytes, Verb verb);

[[nodiscard]] std::byte* add_area(std::size_t bytes, std::size_t alignment, Area area);

/// Removes pages from their area.
void remove(Found area, std::byte* base, std::size_t bytes);

void set_hardware(std::byte* base, std::size_t bytes, Access access);

/// Applies the permissions of pages to the processor.
void set_hardware(std::byte* base, std::span<const Page> pages);

void set_access(std::byte* base, std::span<Page> pages, Access access);

/// Calls `act` with bytes, whatever the permissions of their pages.
template <class Act>
void with_access(std::byte* base, std::span<Page> pages, Act act) {
    set_hardware(base, pages.size() * page(), Access::read_write);
    act();
    set_hardware(base, pages);
}

void fill(std::byte* base, std::span<Page> pages, std::byte value);

}  // namespace fake

#pragma GCC visibility pop
