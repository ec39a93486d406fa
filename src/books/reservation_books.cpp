// SPDX-License-Identifier: MIT
#include "books/reservation_books.hpp"

#include <memory_pages/page_size.hpp>

#include <new>

namespace memory_pages::detail {

Result<ReservationBooks*> ReservationBooks::open(std::size_t bytes,
                                                 ReservationOptions options) noexcept {
    Result<AddressSpace> space = AddressSpace::reserve(bytes, options);
    if (!space) {
        return std::unexpected(space.error());
    }
    Result<PageSet> taken = PageSet::of(space->size() / page_size());
    auto* const books =
        taken ? new (std::nothrow) ReservationBooks(std::move(*space), std::move(*taken)) : nullptr;
    if (books == nullptr) {
        return std::unexpected(std::make_error_code(std::errc::not_enough_memory));
    }
    return books;
}

bool ReservationBooks::are_free(std::size_t offset, std::size_t bytes) const noexcept {
    return space_.has_pages(offset, bytes) &&
           (ranges() == 0 || !taken_.has_any(offset / page_size(), bytes / page_size()));
}

Result<void> ReservationBooks::begin_range(std::size_t offset, std::size_t bytes,
                                           Access access) noexcept {
    if (!space_.has_pages(offset, bytes)) {
        return std::unexpected(std::make_error_code(std::errc::invalid_argument));
    }
    const std::size_t first = offset / page_size();
    const std::size_t count = bytes / page_size();
    if (const Result<void> taken = taken_.insert(first, count); !taken) {
        return std::unexpected(taken.error() == std::errc::file_exists
                                   ? std::make_error_code(std::errc::invalid_argument)
                                   : taken.error());
    }
    Result<void> done = space_.commit(offset, bytes, access);
    if (!done) {
        taken_.erase(first, count);
        return done;
    }
    hold();
    return done;
}

void ReservationBooks::end_range(std::size_t offset, std::size_t bytes) noexcept {
    if (space_.uncommit(offset, bytes)) {
        taken_.erase(offset / page_size(), bytes / page_size());
    }
    let_go();
}

}  // namespace memory_pages::detail
