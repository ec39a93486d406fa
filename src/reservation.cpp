// SPDX-License-Identifier: MIT
#include <memory_pages/detail/borrow.hpp>
#include <memory_pages/detail/check.hpp>
#include <memory_pages/page_size.hpp>
#include <memory_pages/reservation.hpp>

#include "books/reservation_books.hpp"

namespace memory_pages {
namespace detail {
namespace {

std::unexpected<std::error_code> invalid_argument() noexcept {
    return std::unexpected(std::make_error_code(std::errc::invalid_argument));
}

}  // namespace

Result<RangeMapping> RangeMapping::commit(ReservationBooks* books, std::size_t offset,
                                          std::size_t bytes, Access access) noexcept {
    if (const Result<void> done = books->begin_range(offset, bytes, access); !done) [[unlikely]] {
        return std::unexpected(done.error());
    }
    std::byte* const data = books->space().data() + offset;
    return RangeMapping(reinterpret_cast<std::uint8_t*>(data), bytes, books);
}

Result<RangeMapping> RangeMapping::split(std::size_t offset) noexcept {
    if (offset == 0 || offset >= size() || offset % page_size() != 0) {
        return invalid_argument();
    }
    if constexpr (borrows_counted) {
        check_not_borrowed("split", data());
    }
    books_->hold();
    RangeMapping behind(data() + offset, size() - offset, books_);
    set_size(offset);
    return behind;
}

Result<void> RangeMapping::join(RangeMapping& other) noexcept {
    if (books_ != other.books_ || data() + size() != other.data()) {
        return invalid_argument();
    }
    if constexpr (borrows_counted) {
        check_not_borrowed("join", data());
        check_not_borrowed("join", other.data());
    }
    set_size(size() + other.size());
    other.forget();
    std::exchange(other.books_, nullptr)->let_go();
    return {};
}

std::size_t RangeMapping::offset_in(const ReservationBooks* books) const noexcept {
    check(books_ == books, "Reservation::offset_of", "the range is not of this reservation");
    return static_cast<std::size_t>(reinterpret_cast<std::byte*>(data()) - books->space().data());
}

void RangeMapping::give_back() noexcept {
    if constexpr (borrows_counted) {
        check_not_borrowed("uncommit", data());
    }
    const std::size_t bytes = size();
    const std::size_t offset = offset_in(books_);
    forget();
    books_->end_range(offset, bytes);
}

}  // namespace detail

Reservation::Reservation(std::size_t bytes, ReservationOptions options) : books_(nullptr) {
    const Result<detail::ReservationBooks*> books = detail::ReservationBooks::open(bytes, options);
    if (!books) [[unlikely]] {
        raise(books.error(), "Reservation", bytes);
    }
    books_ = *books;
}

Result<Reservation> Reservation::try_new(std::size_t bytes, ReservationOptions options) noexcept {
    const Result<detail::ReservationBooks*> books = detail::ReservationBooks::open(bytes, options);
    if (!books) {
        return std::unexpected(books.error());
    }
    return Reservation(**books);
}

void Reservation::close() noexcept {
    if constexpr (detail::checks_enabled) {
        if (const std::size_t ranges = books_->ranges(); ranges != 0) {
            detail::fail_count("Reservation", "ended under living ranges", ranges);
        }
    }
    books_->let_go();
}

std::size_t Reservation::size() const noexcept {
    return books_ == nullptr ? 0 : books_->space().size();
}

std::uint8_t* Reservation::address() const noexcept {
    return reinterpret_cast<std::uint8_t*>(live("Reservation::address")->space().data());
}

std::size_t Reservation::ranges() const noexcept { return live("Reservation::ranges")->ranges(); }

// -- untyped --------------------------------------------------------------------------------------

Result<void> UntypedReservation::do_commit(std::size_t offset, std::size_t bytes,
                                           detail::Access access) const noexcept {
    return books_->are_free(offset, bytes) ? books_->space().commit(offset, bytes, access)
                                           : Result<void>(detail::invalid_argument());
}

Result<void> UntypedReservation::try_decommit(std::size_t offset,
                                              std::size_t bytes) const noexcept {
    return books_->are_free(offset, bytes) ? books_->space().uncommit(offset, bytes)
                                           : Result<void>(detail::invalid_argument());
}

Result<void> UntypedReservation::do_protect(std::size_t offset, std::size_t bytes,
                                            detail::Access access) const noexcept {
    return books_->are_free(offset, bytes) ? books_->space().protect(offset, bytes, access)
                                           : Result<void>(detail::invalid_argument());
}

}  // namespace memory_pages
