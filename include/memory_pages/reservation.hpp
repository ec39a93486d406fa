// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Address space owned now, memory put behind parts of it later.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/range_mapping.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/options.hpp>
#include <memory_pages/pages.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace memory_pages {

/// Committed pages of a `Reservation`: as `Pages`, and at their end they are reserved ones again,
/// their memory and commit charge returned. What only a mapping of their own can do (`resize`,
/// `release`, `adopt`) they cannot. A system that refuses to take them back keeps them: they stay
/// out of use until the reservation ends.
template <ReadPermission R, WritePermission W, ExecPermission E>
using PageRange = BasicPages<detail::RangeMapping, R, W, E>;

/// A reservation seen by whoever keeps books of its own, an allocator say: pages are committed,
/// given back and protected by offset, and nothing is remembered. Borrowed; copies cost nothing.
///
/// Offsets and sizes are in bytes, whole pages, and may be used by many threads at once where they
/// are not each other's. `invalid_argument`: not whole pages, none, not within the reservation, or
/// pages of a living `PageRange`. What the view has committed the reservation does not know: such
/// pages must be decommitted before they are committed again, here or as a `PageRange`.
class UntypedReservation {
public:
    /// Reserved pages become usable in this way, and charged; they read zero. A refusal changes
    /// nothing: `not_enough_memory`, or the `PageError` that stood in the way.
    template <ReadPermission R, WritePermission W>
    void commit(std::size_t offset, std::size_t bytes) const {
        or_raise(try_commit<R, W>(offset, bytes), "UntypedReservation::commit", bytes);
    }
    template <ReadPermission R, WritePermission W>
    [[nodiscard]] Result<void> try_commit(std::size_t offset, std::size_t bytes) const noexcept {
        return do_commit(offset, bytes, detail::access_of<R, W, DenyExec>);
    }

    /// Committed pages become reserved ones: touching them faults, memory and charge go back.
    /// `map_count_limit`: Linux, where that would split a mapping at the limit on them.
    void decommit(std::size_t offset, std::size_t bytes) const {
        or_raise(try_decommit(offset, bytes), "UntypedReservation::decommit", bytes);
    }
    [[nodiscard]] Result<void> try_decommit(std::size_t offset, std::size_t bytes) const noexcept;

    /// Changes what may be done with committed pages. Contents are kept, and published to every
    /// thread on a way to executable ones; what was executable before faults meanwhile on
    /// processors whose caches want a flush. On a refusal, with a `PageError` or
    /// `permission_denied`, a part may have changed.
    template <ReadPermission R, WritePermission W, ExecPermission E = DenyExec>
    void protect(std::size_t offset, std::size_t bytes) const {
        or_raise(try_protect<R, W, E>(offset, bytes), "UntypedReservation::protect", bytes);
    }
    template <ReadPermission R, WritePermission W, ExecPermission E = DenyExec>
    [[nodiscard]] Result<void> try_protect(std::size_t offset, std::size_t bytes) const noexcept {
        // Whoever may name such pages may make them.
        return do_protect(offset, bytes, BasicPages<detail::RangeMapping, R, W, E>::access);
    }

private:
    friend class Reservation;

    explicit UntypedReservation(detail::ReservationBooks* books) noexcept : books_(books) {}

    [[nodiscard]] Result<void> do_commit(std::size_t offset, std::size_t bytes,
                                         detail::Access access) const noexcept;
    [[nodiscard]] Result<void> do_protect(std::size_t offset, std::size_t bytes,
                                          detail::Access access) const noexcept;

    static void or_raise(Result<void>&& done, const char* call, std::size_t bytes) {
        if (!done) [[unlikely]] {
            raise(done.error(), call, bytes);
        }
    }

    detail::ReservationBooks* books_;
};

/// Owns address space, of which touching any faults, until pages of it are committed. Reserving
/// takes no memory and no commit charge, however much it is.
///
/// Moves only, and is one word; a moved-from one may be destroyed, assigned to, swapped and asked
/// its size (0), all else is a contract error. Const members may be called by many threads at once.
///
/// A reservation must outlive its ranges: ended under living ones, it stops with a message that
/// says how many. Without contract checks its addresses then stay reserved until the last range
/// ends.
class Reservation {
public:
    /// Reserves at least `bytes` bytes, rounded up to whole pages.
    ///
    /// `invalid_argument`: 0 bytes, or options that make no sense. `address_in_use`: not at the
    /// address that was asked for. `not_enough_memory`, or the `PageError` that stood in the way:
    /// no such run of addresses, or no memory for the books (one bit a page, made where pages are
    /// committed).
    /// Linux: `mmap(2)` PROT_NONE, which `RLIMIT_AS` counts. Windows: VirtualAlloc MEM_RESERVE.
    explicit Reservation(std::size_t bytes, ReservationOptions options = {});
    /// The same without throwing.
    [[nodiscard]] static Result<Reservation> try_new(std::size_t bytes,
                                                     ReservationOptions options = {}) noexcept;

    Reservation(Reservation&& other) noexcept : books_(std::exchange(other.books_, nullptr)) {}
    Reservation& operator=(Reservation&& other) noexcept {
        Reservation(std::move(other)).swap(*this);
        return *this;
    }
    ~Reservation() {
        if (books_ != nullptr) {
            close();
        }
    }

    void swap(Reservation& other) noexcept { std::swap(books_, other.books_); }
    friend void swap(Reservation& a, Reservation& b) noexcept { a.swap(b); }

    /// Bytes reserved: whole pages. 0 when moved from.
    [[nodiscard]] std::size_t size() const noexcept;

    /// Raw access: the first address, whatever is behind it.
    [[nodiscard]] std::uint8_t* address() const noexcept [[clang::lifetimebound]];

    /// Ranges of it that live now: as soon as other threads use it, of some moment.
    [[nodiscard]] std::size_t ranges() const noexcept;

    /// Puts memory behind pages of it: they read zero, are charged, and go back when the range
    /// ends. Many threads may commit at once.
    ///
    /// `invalid_argument`: not whole pages, none, not within the reservation, or some of them
    /// belong to a living range, or to one that another thread is being refused at this moment.
    /// `not_enough_memory`, or the `PageError` that stood in the way. A refusal changes nothing.
    template <ReadPermission R, WritePermission W>
    [[nodiscard]] PageRange<R, W, DenyExec> commit(std::size_t offset, std::size_t bytes) const
        [[clang::lifetimebound]] {
        Result<detail::RangeMapping> range = detail::RangeMapping::commit(
            live("Reservation::commit"), offset, bytes, detail::access_of<R, W, DenyExec>);
        if (!range) [[unlikely]] {
            raise(range.error(), "Reservation::commit", bytes);
        }
        return PageRange<R, W, DenyExec>(std::move(*range));
    }
    /// The same without throwing.
    template <ReadPermission R, WritePermission W>
    [[nodiscard]] Result<PageRange<R, W, DenyExec>> try_commit(std::size_t offset,
                                                               std::size_t bytes) const noexcept
        [[clang::lifetimebound]] {
        Result<detail::RangeMapping> range = detail::RangeMapping::commit(
            live("Reservation::commit"), offset, bytes, detail::access_of<R, W, DenyExec>);
        if (!range) [[unlikely]] {
            return std::unexpected(range.error());
        }
        return PageRange<R, W, DenyExec>(std::move(*range));
    }

    /// Where a range of this reservation (contract check) begins in it, in bytes.
    template <ReadPermission R, WritePermission W, ExecPermission E>
    [[nodiscard]] std::size_t offset_of(const PageRange<R, W, E>& range) const noexcept {
        return range.owner_.offset_in(live("Reservation::offset_of"));
    }

    /// The view for those who keep their own books. Not of a temporary: it is borrowed.
    [[nodiscard]] UntypedReservation untyped() const& noexcept [[clang::lifetimebound]] {
        return UntypedReservation(live("Reservation::untyped"));
    }
    void untyped() const&& = delete;

private:
    explicit Reservation(detail::ReservationBooks& books) noexcept : books_(&books) {}

    [[nodiscard]] detail::ReservationBooks* live(const char* call) const noexcept {
        detail::check(books_ != nullptr, call, "the reservation was moved from");
        return books_;
    }
    void close() noexcept;

    detail::ReservationBooks* books_;
};

}  // namespace memory_pages
