// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The untyped owner below the ranges of a reservation.

#include <memory_pages/detail/mapping.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace memory_pages::detail {

class ReservationBooks;

/// Committed pages of a reservation, which become reserved ones at its end. All verbs are those of
/// `Mapping`.
class RangeMapping : private Mapping {
public:
    using Mapping::advise;
    using Mapping::collapse;
    using Mapping::data;
    using Mapping::decommit;
    using Mapping::discard;
    using Mapping::is_enforced;
    using Mapping::populate;
    using Mapping::protect;
    using Mapping::publish;
    using Mapping::size;
    using Mapping::zero;

    /// Commits pages of a reservation.
    [[nodiscard]] static Result<RangeMapping> commit(ReservationBooks* books, std::size_t offset,
                                                     std::size_t bytes, Access access) noexcept;

    RangeMapping(RangeMapping&& other) noexcept
        : Mapping(static_cast<Mapping&&>(other)), books_(std::exchange(other.books_, nullptr)) {}
    RangeMapping& operator=(RangeMapping&& other) noexcept {
        RangeMapping(std::move(other)).swap(*this);
        return *this;
    }
    ~RangeMapping() {
        if (books_ != nullptr) {
            give_back();
        }
    }

    void swap(RangeMapping& other) noexcept {
        Mapping::swap(other);
        std::swap(books_, other.books_);
    }

    /// As `Mapping` does, but it asks nobody: these are the reservation's pages, not the system's.
    [[nodiscard]] Result<RangeMapping> split(std::size_t offset) noexcept;
    [[nodiscard]] Result<void> join(RangeMapping& other) noexcept;

    /// Where it begins in the reservation, which these are the books of.
    [[nodiscard]] std::size_t offset_in(const ReservationBooks* books) const noexcept;

private:
    RangeMapping(std::uint8_t* data, std::size_t size, ReservationBooks* books) noexcept
        : Mapping(data, size, 0), books_(books) {}

    void give_back() noexcept;

    ReservationBooks* books_;
};

}  // namespace memory_pages::detail
