// SPDX-License-Identifier: MIT
#include "books/reservation_books.hpp"

#include <memory_pages/page_size.hpp>

#include <bit>
#include <new>

namespace memory_pages::detail {

Result<ReservationBooks*> ReservationBooks::open(std::size_t bytes,
                                                 ReservationOptions options) noexcept {
    Result<AddressSpace> space = AddressSpace::reserve(bytes, options);
    if (!space) {
        return std::unexpected(space.error());
    }
    auto* const books =
        new (std::nothrow) ReservationBooks(std::move(*space), std::countr_zero(page_size()));
    if (books == nullptr) {
        return std::unexpected(std::make_error_code(std::errc::not_enough_memory));
    }
    return books;
}

bool ReservationBooks::are_free(std::size_t offset, std::size_t bytes) const noexcept {
    return has_pages(offset, bytes) &&
           (taken_.is_untouched() || !taken_.has_any(offset >> page_shift_, bytes >> page_shift_));
}

Result<void> ReservationBooks::begin_range(std::size_t offset, std::size_t bytes,
                                           Access access) noexcept {
    if (!has_pages(offset, bytes)) {
        return std::unexpected(std::make_error_code(std::errc::invalid_argument));
    }
    const std::size_t first = offset >> page_shift_;
    const std::size_t count = bytes >> page_shift_;
    if (const std::errc error = taken_.insert(first, count); error != std::errc()) [[unlikely]] {
        return std::unexpected(std::make_error_code(
            error == std::errc::file_exists ? std::errc::invalid_argument : error));
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
        taken_.erase(offset >> page_shift_, bytes >> page_shift_);
    }
    let_go();
}

}  // namespace memory_pages::detail
