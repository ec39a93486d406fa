// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Address space that a program owns, and commits memory to later.

#include <memory_pages/access.hpp>
#include <memory_pages/advice.hpp>
#include <memory_pages/detail/range_mapping.hpp>
#include <memory_pages/detail/refusal.hpp>
#include <memory_pages/detail/rooms.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/huge_pages.hpp>
#include <memory_pages/options.hpp>
#include <memory_pages/pages.hpp>
#include <memory_pages/ranges.hpp>
#include <memory_pages/writing_code.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace memory_pages {

/// Committed pages of a `Reservation`: as `Pages`, but their end makes them reserved again, and
/// returns their memory and commit charge. They have no `resize`, `release` and `adopt`. If the
/// system refuses to take the pages back, they stay out of use until the reservation ends.
template <ReadPermission R, WritePermission W, ExecPermission E>
using PageRange = BasicPages<detail::RangeMapping, R, W, E>;

/// A view of a reservation for a program that tracks its pages itself, such as an allocator: its
/// verbs take pages by offset. Borrows the reservation; copies are cheap.
///
/// Offsets and sizes are in bytes, in whole pages. Threads may use disjoint ranges at once.
/// `invalid_argument`: not whole pages, 0 bytes, outside the reservation, pages of a living
/// `PageRange`, or from `protect` and `decommit` on, pages that this view has not committed. Pages
/// that it has committed must be uncommitted before `Reservation::commit` takes them
/// (`invalid_argument`).
///
/// The `try_` functions may be called in a signal handler.
class UntypedReservation {
public:
    /// Makes reserved pages usable with these permissions, and charges them; they read zero. Pages
    /// in the range that are committed already keep their contents and permissions: one system call
    /// extends a committed prefix. A refusal changes nothing: `not_enough_memory` (also for
    /// tracking, one bit a page), or the `PageError` of the limit that was reached.
    template <ReadPermission R, WritePermission W>
    void commit(std::size_t offset, std::size_t bytes) const {
        commit(offset, bytes, detail::access_of<R, W, DenyExec>);
    }
    template <ReadPermission R, WritePermission W>
    [[nodiscard]] Result<void> try_commit(std::size_t offset, std::size_t bytes) const noexcept {
        return try_commit(offset, bytes, detail::access_of<R, W, DenyExec>);
    }

    /// Makes pages reserved again, committed or not: touching them faults, and memory and charge
    /// are returned. `map_count_limit`: Linux, if this would split a mapping at the limit on
    /// mappings.
    void uncommit(std::size_t offset, std::size_t bytes) const {
        or_raise(try_uncommit(offset, bytes), "UntypedReservation::uncommit", {offset, bytes});
    }
    [[nodiscard]] Result<void> try_uncommit(std::size_t offset, std::size_t bytes) const noexcept;

    /// Changes the permissions of committed pages. Contents are kept, and published to every thread
    /// when the pages become executable; on processors that flush caches for that, pages that were
    /// executable before fault during the change. After a refusal, with a `PageError` or
    /// `permission_denied`, a part may have changed.
    template <ReadPermission R, WritePermission W, ExecPermission E = DenyExec>
    void protect(std::size_t offset, std::size_t bytes) const {
        // The caller can name the type, so its gate is open.
        protect(offset, bytes, detail::Rights<R, W, E>::access);
    }
    template <ReadPermission R, WritePermission W, ExecPermission E = DenyExec>
    [[nodiscard]] Result<void> try_protect(std::size_t offset, std::size_t bytes) const noexcept {
        return try_protect(offset, bytes, detail::Rights<R, W, E>::access);
    }

    /// Gives the memory of committed pages back. They stay usable, and charged; their contents are
    /// indeterminate. Windows: a refusal may leave pages inaccessible until a `decommit` or
    /// `uncommit` of them succeeds.
    void decommit(std::size_t offset, std::size_t bytes) const {
        or_raise(try_decommit(offset, bytes), "UntypedReservation::decommit", {offset, bytes});
    }
    [[nodiscard]] Result<void> try_decommit(std::size_t offset, std::size_t bytes) const noexcept;

    /// Allows the system to take the memory of committed pages when it needs some. They stay
    /// usable, and charged; their contents are indeterminate.
    void discard(std::size_t offset, std::size_t bytes) const {
        or_raise(try_discard(offset, bytes), "UntypedReservation::discard", {offset, bytes});
    }
    [[nodiscard]] Result<void> try_discard(std::size_t offset, std::size_t bytes) const noexcept;

    /// Makes committed, writable pages read zero, and gives the memory of more than 16 pages back.
    /// A refusal on Windows: as for `decommit`.
    void zero(std::size_t offset, std::size_t bytes) const {
        or_raise(try_zero(offset, bytes), "UntypedReservation::zero", {offset, bytes});
    }
    [[nodiscard]] Result<void> try_zero(std::size_t offset, std::size_t bytes) const noexcept;

    /// Makes committed pages resident. They must allow `access`: to read, or to write. Contents
    /// never change.
    void populate(std::size_t offset, std::size_t bytes, Access access = Access::read_write) const {
        or_raise(try_populate(offset, bytes, access), "UntypedReservation::populate",
                 {offset, bytes});
    }
    [[nodiscard]] Result<void> try_populate(std::size_t offset, std::size_t bytes,
                                            Access access = Access::read_write) const noexcept;

    /// Gives a hint about the coming use of committed pages. Contents never change.
    void advise(Advice advice, std::size_t offset, std::size_t bytes) const {
        or_raise(try_advise(advice, offset, bytes), "UntypedReservation::advise", {offset, bytes});
    }
    [[nodiscard]] Result<void> try_advise(Advice advice, std::size_t offset,
                                          std::size_t bytes) const noexcept;

    /// Allows (`prefer`) or forbids (`never`) transparent huge pages from now on: a hint that does
    /// nothing where there are none. `invalid_argument`: `system`, `require`.
    void set_huge_pages(HugePages policy, std::size_t offset, std::size_t bytes) const {
        or_raise(try_set_huge_pages(policy, offset, bytes), "UntypedReservation::set_huge_pages",
                 {offset, bytes});
    }
    [[nodiscard]] Result<void> try_set_huge_pages(HugePages policy, std::size_t offset,
                                                  std::size_t bytes) const noexcept;

    /// Makes huge pages of committed pages, as far as whole ones fit. Contents never change.
    /// `operation_not_supported`: see `Feature::collapsing`.
    void collapse(std::size_t offset, std::size_t bytes) const {
        or_raise(try_collapse(offset, bytes), "UntypedReservation::collapse", {offset, bytes});
    }
    [[nodiscard]] Result<void> try_collapse(std::size_t offset, std::size_t bytes) const noexcept;

    /// Publishes code that was written to committed pages that are writable and executable. Takes
    /// any bytes, also none. `operation_not_supported`: see `Feature::publishing`; never with
    /// `not_yet_run`.
    void publish(std::size_t offset, std::size_t bytes,
                 Publish code = Publish::may_have_run) const {
        or_raise(try_publish(offset, bytes, code), "UntypedReservation::publish", {offset, bytes});
    }
    [[nodiscard]] Result<void> try_publish(std::size_t offset, std::size_t bytes,
                                           Publish code = Publish::may_have_run) const noexcept;

private:
    friend class Reservation;

    explicit UntypedReservation(detail::ReservationTracker* tracker) noexcept : tracker_(tracker) {}

    void commit(std::size_t offset, std::size_t bytes, Access access) const {
        or_raise(try_commit(offset, bytes, access), "UntypedReservation::commit", {offset, bytes});
    }
    [[nodiscard]] Result<void> try_commit(std::size_t offset, std::size_t bytes,
                                          Access access) const noexcept;
    void protect(std::size_t offset, std::size_t bytes, Access access) const {
        or_raise(try_protect(offset, bytes, access), "UntypedReservation::protect",
                 {offset, bytes});
    }
    [[nodiscard]] Result<void> try_protect(std::size_t offset, std::size_t bytes,
                                           Access access) const noexcept;

    void or_raise(Result<void>&& done, const char* call, ByteRange range) const {
        if (!done) [[unlikely]] {
            raise(done.error(), call, range);
        }
    }
    [[noreturn]] void raise(std::error_code error, const char* call, ByteRange range) const;

    detail::ReservationTracker* tracker_;
};

/// Owns address space. Touching it faults until pages of it are committed. A reservation takes no
/// memory and no commit charge, whatever its size.
///
/// Moves only; one word. A moved-from reservation may be destroyed, assigned to and swapped, and
/// its size is 0; any other use is a contract error. Const members may be called from many threads
/// at once.
///
/// A reservation must outlive its ranges: a contract check reports the number of living ranges.
/// Without contract checks the addresses stay reserved until the last range ends.
class Reservation {
public:
    /// Reserves at least `bytes` bytes, rounded up to whole pages.
    ///
    /// `invalid_argument`: 0 bytes, or invalid options. `address_in_use`: the address in `at` is
    /// taken. `address_not_available`: no room within `reach` or `within`. `not_enough_memory`, or
    /// the `PageError` of the limit that was reached: no address space of this size, or no memory
    /// for tracking (one bit a page, allocated where pages are committed). Linux: `mmap(2)`
    /// PROT_NONE, which counts against `RLIMIT_AS`. Windows: VirtualAlloc MEM_RESERVE.
    explicit Reservation(std::size_t bytes, ReservationOptions options = {});
    /// The same without throwing.
    [[nodiscard]] static Result<Reservation> try_new(std::size_t bytes,
                                                     ReservationOptions options = {}) noexcept;

    Reservation(Reservation&& other) noexcept : tracker_(std::exchange(other.tracker_, nullptr)) {}
    Reservation& operator=(Reservation&& other) noexcept {
        Reservation taken(std::move(other));
        taken.swap(*this);
        return *this;
    }
    ~Reservation() {
        if (tracker_ != nullptr) {
            close();
        }
    }

    void swap(Reservation& other) noexcept { std::swap(tracker_, other.tracker_); }
    friend void swap(Reservation& a, Reservation& b) noexcept { a.swap(b); }

    /// Bytes reserved, in whole pages; 0 when moved from.
    [[nodiscard]] std::size_t size() const noexcept;

    /// Raw access: the first address, committed or not.
    [[nodiscard]] std::uint8_t* address() const noexcept [[clang::lifetimebound]];

    /// The number of living ranges. If other threads use the reservation, it may be out of date.
    [[nodiscard]] std::size_t ranges() const noexcept;

    /// Commits pages: they read zero, are charged, and return when the range ends. Offset and size
    /// are in bytes. Many threads may commit at once.
    ///
    /// `invalid_argument`: not whole pages, 0 bytes, outside the reservation, or some of the pages
    /// belong to a living range, or to one whose commit another thread is just being refused.
    /// `not_enough_memory`, or the `PageError` of the limit that was reached. A refusal changes
    /// nothing.
    template <ReadPermission R, WritePermission W>
    [[nodiscard]] PageRange<R, W, DenyExec> commit(std::size_t offset, std::size_t bytes) const
        [[clang::lifetimebound]] {
        Result<detail::RangeMapping> range = detail::RangeMapping::commit(
            live("Reservation::commit"), offset, bytes, detail::access_of<R, W, DenyExec>);
        if (!range) [[unlikely]] {
            detail::raise_reserved(range.error(), "Reservation::commit", {offset, bytes}, size());
        }
        return detail::OwnerOf::make<PageRange<R, W, DenyExec>>(std::move(*range));
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
        return detail::OwnerOf::make<PageRange<R, W, DenyExec>>(std::move(*range));
    }

    /// The offset of a range in this reservation, in bytes. The range must be of this reservation
    /// (contract check).
    template <ReadPermission R, WritePermission W, ExecPermission E>
    [[nodiscard]] std::size_t offset_of(const PageRange<R, W, E>& range) const noexcept {
        return detail::OwnerOf::get(range).offset_in(live("Reservation::offset_of"));
    }

    /// The view for programs that track pages themselves. Not of a temporary, since it borrows.
    /// Allocates the memory that the view's verbs need (one bit a page), so that they allocate
    /// none; if that fails here, the verbs allocate when they need it.
    [[nodiscard]] UntypedReservation untyped() const& noexcept [[clang::lifetimebound]];
    void untyped() const&& = delete;

private:
    explicit Reservation(detail::ReservationTracker& tracker) noexcept : tracker_(&tracker) {}

    [[nodiscard]] detail::ReservationTracker* live(const char* call) const noexcept {
        detail::check(tracker_ != nullptr, call, "the reservation was moved from");
        return tracker_;
    }
    void close() noexcept;

    detail::ReservationTracker* tracker_;
};

}  // namespace memory_pages
