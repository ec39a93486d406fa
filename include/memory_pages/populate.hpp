// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Making large memory resident with several threads, with progress and a way to stop:
/// `populate(pages, {.threads = 4, .stop = source.get_token()})`.

#include <memory_pages/detail/rooms.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/pages.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <span>
#include <utility>

namespace memory_pages {

/// Whether a stop was requested. Made of a `std::stop_token`, or of any type with
/// `stop_requested()`, for standard libraries without `<stop_token>`. Several threads call it.
class StopToken {
public:
    /// Never stops.
    StopToken() noexcept = default;

    template <class Token>
        requires requires(const Token& token) {
            { token.stop_requested() } noexcept -> std::convertible_to<bool>;
        }
    StopToken(Token token)  // NOLINT(google-explicit-constructor): a token is a stop token
        : asks_([asked = std::move(token)] { return static_cast<bool>(asked.stop_requested()); }) {}

    [[nodiscard]] bool stop_requested() const noexcept { return asks_ && asks_(); }

private:
    std::function<bool()> asks_;
};

/// Options of `populate`.
struct PopulateOptions {
    /// The most threads, with the calling one. 0: as many as there are processors. At most 64, and
    /// at most one for each 16 MiB. If a thread cannot be started, the started ones do the work
    /// (built without exceptions: the program ends). The other threads run no signal handlers of
    /// the program, and pthread_cancel takes effect when all are done.
    unsigned threads = 0;

    /// Called after each piece with the bytes done and the bytes in total, by any of the threads,
    /// but never by two at once. Must not throw.
    std::function<void(std::size_t done, std::size_t all)> progress = {};

    /// Stops between two pieces.
    StopToken stop = {};
};

namespace detail {

/// Calls `try_populate` of pages of a type that is not known here.
using PopulatePiece = Result<void> (*)(const void* pages, std::size_t offset,
                                       std::size_t bytes) noexcept;

/// Calls `piece` for pieces of a range of the pages, which have `size` bytes, on several threads.
[[nodiscard]] Result<void> populate_by_pieces(PopulatePiece piece, const void* pages,
                                              std::size_t size, std::size_t offset,
                                              std::size_t bytes,
                                              const PopulateOptions& options) noexcept;

}  // namespace detail

/// Pages of any owner that may be read or written.
template <class P>
concept Populatable = requires(const P& pages) {
    { pages.try_populate(std::size_t{}, std::size_t{}) } noexcept -> std::same_as<Result<void>>;
    { pages.size() } noexcept -> std::same_as<std::size_t>;
};

/// Makes a range of pages resident now, as `Pages::populate` does, with several threads. Contents
/// never change. The range is in bytes, rounded outward to whole pages; `std::dynamic_extent`: up
/// to the end.
///
/// Returns the first error, and stops. `operation_canceled`: a stop was requested before the end.
/// Pages that were made resident stay resident. `Pages::populate` says what the limit of a control
/// group does. Other threads may use the pages meanwhile.
/// Linux: each thread calls `madvise(2)` MADV_POPULATE_WRITE or _READ for 16 MiB at a time, or for
/// one huge page if that is larger.
template <Populatable P>
[[nodiscard]] Result<void> try_populate(const P& pages, std::size_t offset, std::size_t bytes,
                                        const PopulateOptions& options = {}) noexcept {
    return detail::populate_by_pieces(
        [](const void* all, std::size_t at, std::size_t n) noexcept {
            return static_cast<const P*>(all)->try_populate(at, n);
        },
        &pages, pages.size(), offset, bytes, options);
}

/// The same for all pages.
template <Populatable P>
[[nodiscard]] Result<void> try_populate(const P& pages,
                                        const PopulateOptions& options = {}) noexcept {
    return try_populate(pages, 0, std::dynamic_extent, options);
}

/// The same two, throwing `std::system_error`.
template <Populatable P>
void populate(const P& pages, std::size_t offset, std::size_t bytes,
              const PopulateOptions& options = {}) {
    if (const Result<void> done = try_populate(pages, offset, bytes, options); !done) [[unlikely]] {
        detail::raise_range_of(done.error(), "populate", pages, {offset, bytes},
                               detail::Units::any);
    }
}
template <Populatable P>
void populate(const P& pages, const PopulateOptions& options = {}) {
    populate(pages, 0, std::dynamic_extent, options);
}

}  // namespace memory_pages
