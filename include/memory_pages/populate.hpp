// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Making much memory resident by several threads, with a look at how far it is:
/// `populate(pages, {.threads = 4, .stop = source.get_token()})`.

#include <memory_pages/error.hpp>
#include <memory_pages/pages.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <span>
#include <utility>

namespace memory_pages {

/// Whether somebody wants a piece of work to stop. Made of a `std::stop_token`, or of whatever else
/// answers `stop_requested()`, for standard libraries without one. Asked from several threads.
class StopSign {
public:
    /// Nobody ever does.
    StopSign() noexcept = default;

    template <class Token>
        requires requires(const Token& token) {
            { token.stop_requested() } noexcept -> std::convertible_to<bool>;
        }
    StopSign(Token token)  // NOLINT(google-explicit-constructor): it is the same thing
        : asks_([token = std::move(token)] { return static_cast<bool>(token.stop_requested()); }) {}

    [[nodiscard]] bool stop_requested() const noexcept { return asks_ && asks_(); }

private:
    std::function<bool()> asks_;
};

/// How `populate` is to go about it.
struct PopulateOptions {
    /// Threads at most, the calling one among them. 0: as many as there are processors. Never more
    /// than 64, nor than pieces of 16 MiB to be done. Where one cannot be started it goes on with
    /// those that were (built without exceptions: the program ends).
    unsigned threads = 0;

    /// Called after each piece with the bytes done so far and the bytes in all, by any of the
    /// threads, but never by two at once. Must not throw.
    std::function<void(std::size_t done, std::size_t all)> progress = {};

    /// Ends it between two pieces.
    StopSign stop = {};
};

namespace detail {

/// `try_populate` of some pages whose type is not known here.
using PopulatePiece = Result<void> (*)(const void* pages, std::size_t offset,
                                       std::size_t bytes) noexcept;

/// Does so for pieces of a range of `size` bytes of them, by several threads.
[[nodiscard]] Result<void> populate_by_pieces(PopulatePiece piece, const void* pages,
                                              std::size_t size, std::size_t offset,
                                              std::size_t bytes,
                                              const PopulateOptions& options) noexcept;

}  // namespace detail

/// Pages that may be read or written, whoever owns them.
template <class P>
concept Populatable = requires(const P& pages) {
    { pages.try_populate(std::size_t{}, std::size_t{}) } noexcept -> std::same_as<Result<void>>;
    { pages.size() } noexcept -> std::same_as<std::size_t>;
};

/// Makes a range of pages resident now, as `Pages::populate` does, by several threads. Contents
/// never change. The range is in bytes, rounded outward to whole pages; `std::dynamic_extent` is as
/// far as they go.
///
/// The first error ends it and is returned. `operation_canceled`: it was asked to stop before it
/// was through. Either way the pages that were made resident stay so.
/// Other threads may use the pages meanwhile. Linux: each thread asks for 16 MiB at a time, or one
/// huge page where those are larger, by `madvise(2)` MADV_POPULATE_WRITE or _READ.
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
        raise(done.error(), "populate", bytes == std::dynamic_extent ? pages.size() : bytes);
    }
}
template <Populatable P>
void populate(const P& pages, const PopulateOptions& options = {}) {
    populate(pages, 0, std::dynamic_extent, options);
}

}  // namespace memory_pages
