// SPDX-License-Identifier: MIT
/// \file
/// Random operations on a `Reservation` and its ranges, compared with a model that records for each
/// page its owner, permissions and contents. Permissions are tested by having the kernel read from
/// and write to the page.

#include "support/probe.hpp"

#include <memory_pages/page_size.hpp>
#include <memory_pages/reservation.hpp>

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

namespace {

using memory_pages::AllowRead;
using memory_pages::AllowWrite;
using memory_pages::DenyExec;
using memory_pages::DenyRead;
using memory_pages::DenyWrite;
using memory_pages::PageRange;
using memory_pages::Reservation;
using memory_pages::Result;

using Writable = PageRange<AllowRead, AllowWrite, DenyExec>;
using Frozen = PageRange<AllowRead, DenyWrite, DenyExec>;
using Hidden = PageRange<DenyRead, DenyWrite, DenyExec>;
using Range = std::variant<Writable, Frozen, Hidden>;

constexpr std::size_t all_pages = 48;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

enum class Use { reserved, untyped, writable, frozen, hidden };

struct Page {
    Use use = Use::reserved;
    std::uint8_t value = 0;  ///< The value of every byte.
};

class Run {
public:
    Run(const std::uint8_t* data, std::size_t size) : input_(data, size) {}

    [[nodiscard]] bool has_more() { return input_.remaining_bytes() > 0; }

    void step() {
        switch (input_.ConsumeIntegralInRange(0, 7)) {
            case 0:
            case 1:
                return commit();
            case 2:
                return end();
            case 3:
                return split();
            case 4:
                return join();
            case 5:
                return change();
            case 6:
                return write();
            default:
                return use_untyped();
        }
    }

    void check() const {
        require(reservation_.ranges() == ranges_.size());
        for (std::size_t i = 0; i < all_pages; ++i) {
            std::uint8_t* const byte = reservation_.address() + i * page_;
            const Page& page = model_[i];
            const bool is_readable = page.use != Use::reserved && page.use != Use::hidden;
            require(probe::can_read(byte) == is_readable);
            require(probe::can_write(byte + page_ - 1) == (is_readable && page.use != Use::frozen));
            require(!is_readable || std::all_of(byte, byte + page_, [&](std::uint8_t there) {
                return there == page.value;
            }));
        }
    }

private:
    struct Span {
        std::size_t first;
        std::size_t count;
    };

    [[nodiscard]] Span span_of(const Range& range) const {
        return std::visit(
            [this](const auto& pages) {
                return Span{reservation_.offset_of(pages) / page_, pages.size() / page_};
            },
            range);
    }

    void set(Span span, Page page) {
        std::fill_n(model_.begin() + static_cast<std::ptrdiff_t>(span.first), span.count, page);
    }
    void set_use(Span span, Use use) {
        for (std::size_t i = 0; i < span.count; ++i) {
            model_[span.first + i].use = use;
        }
    }
    [[nodiscard]] bool are_all(std::size_t offset, std::size_t bytes, Use use) const {
        return offset % page_ == 0 && bytes % page_ == 0 && bytes != 0 &&
               offset <= all_pages * page_ && bytes <= all_pages * page_ - offset &&
               std::ranges::all_of(std::span(model_).subspan(offset / page_, bytes / page_),
                                   [use](const Page& page) { return page.use == use; });
    }

    /// Whether all pages that these bytes touch are used like that; false on overflow.
    template <class Is>
    [[nodiscard]] bool has_page(std::size_t offset, std::size_t bytes, Is is) const {
        for (std::size_t i = 0; i < all_pages; ++i) {
            const std::size_t at = i * page_;
            if (is(model_[i].use) && at + page_ > offset && offset + bytes > at) {
                return true;
            }
        }
        return false;
    }
    [[nodiscard]] bool has_untyped(std::size_t offset, std::size_t bytes) const {
        return has_page(offset, bytes, [](Use use) { return use == Use::untyped; });
    }
    [[nodiscard]] bool has_range(std::size_t offset, std::size_t bytes) const {
        return has_page(offset, bytes,
                        [](Use use) { return use != Use::untyped && use != Use::reserved; });
    }

    /// Any two numbers, mostly whole pages of the reservation.
    std::pair<std::size_t, std::size_t> some_range() {
        if (input_.ConsumeIntegralInRange(0, 15) == 0) {
            return {input_.ConsumeIntegral<std::size_t>(), input_.ConsumeIntegral<std::size_t>()};
        }
        return {input_.ConsumeIntegralInRange<std::size_t>(0, all_pages) * page_,
                input_.ConsumeIntegralInRange<std::size_t>(0, 9) * page_};
    }

    Range* some_of_them() {
        return ranges_.empty()
                   ? nullptr
                   : &ranges_[input_.ConsumeIntegralInRange<std::size_t>(0, ranges_.size() - 1)];
    }

    template <class R, class W>
    void commit_as(std::size_t offset, std::size_t bytes, Use use) {
        auto range = reservation_.try_commit<R, W>(offset, bytes);
        // The reservation does not track pages of the untyped view, so this does not try them.
        require(range.has_value() == are_all(offset, bytes, Use::reserved));
        if (range) {
            set({offset / page_, bytes / page_}, {use, 0});
            ranges_.emplace_back(std::move(*range));
        } else {
            require(range.error() == std::errc::invalid_argument);
        }
    }

    void commit() {
        const auto [offset, bytes] = some_range();
        if (has_untyped(offset, bytes)) {
            return;
        }
        switch (input_.ConsumeIntegralInRange(0, 2)) {
            case 0:
                return commit_as<AllowRead, AllowWrite>(offset, bytes, Use::writable);
            case 1:
                return commit_as<AllowRead, DenyWrite>(offset, bytes, Use::frozen);
            default:
                return commit_as<DenyRead, DenyWrite>(offset, bytes, Use::hidden);
        }
    }

    void end() {
        if (Range* const range = some_of_them()) {
            set(span_of(*range), {});
            std::swap(*range, ranges_.back());
            ranges_.pop_back();
        }
    }

    void split() {
        Range* const range = some_of_them();
        if (range == nullptr) {
            return;
        }
        const Span span = span_of(*range);
        const auto at = input_.ConsumeIntegralInRange<std::size_t>(0, span.count + 1);
        Range taken = std::move(*range);
        std::visit(
            [&]<class P>(P& pages) {
                auto parts = std::move(pages).try_split_at(at * page_);
                require(parts.has_value() == (at > 0 && at < span.count));
                if (parts) {
                    *range = std::move(parts->first);
                    ranges_.emplace_back(std::move(parts->second));
                } else {
                    *range = std::move(parts.error().pages);
                }
            },
            taken);
    }

    void join() {
        Range* const one = some_of_them();
        Range* const other = some_of_them();
        if (one == other || one->index() != other->index()) {
            return;
        }
        const Span left = span_of(*one);
        const bool are_neighbours = left.first + left.count == span_of(*other).first;
        Range taken = std::move(*one);
        std::visit(
            [&]<class P>(P& pages) {
                auto joined = std::move(pages).try_join(std::move(std::get<P>(*other)));
                require(joined.has_value() == are_neighbours);
                if (joined) {
                    *one = std::move(*joined);
                    std::swap(*other, ranges_.back());
                    ranges_.pop_back();
                } else {
                    *one = std::move(joined.error().pages.first);
                    *other = std::move(joined.error().pages.second);
                }
            },
            taken);
    }

    void change() {
        Range* const range = some_of_them();
        if (range == nullptr) {
            return;
        }
        Range taken = std::move(*range);
        const int wanted = input_.ConsumeIntegralInRange(0, 2);
        std::visit(
            [&](auto& pages) {
                if (wanted == 0) {
                    *range = std::move(pages).allow_read().allow_write();
                } else if (wanted == 1) {
                    *range = std::move(pages).allow_read().deny_write();
                } else {
                    *range = std::move(pages).deny_write().deny_read();
                }
            },
            taken);
        set_use(span_of(*range), wanted == 0   ? Use::writable
                                 : wanted == 1 ? Use::frozen
                                               : Use::hidden);
    }

    void write() {
        Range* const range = some_of_them();
        if (range == nullptr || !std::holds_alternative<Writable>(*range)) {
            return;
        }
        auto& pages = std::get<Writable>(*range);
        const auto value = input_.ConsumeIntegral<std::uint8_t>();
        if (value == 0 && input_.ConsumeBool()) {
            pages.decommit();
            pages.zero();
        } else {
            std::ranges::fill(pages.bytes(), value);
        }
        set(span_of(*range), {Use::writable, value});
    }

    void use_untyped() {
        const auto [offset, bytes] = some_range();
        const auto untyped = reservation_.untyped();
        if (are_all(offset, bytes, Use::reserved)) {
            untyped.commit<AllowRead, AllowWrite>(offset, bytes);
            set({offset / page_, bytes / page_}, {Use::untyped, 0});
        } else if (are_all(offset, bytes, Use::untyped)) {
            untyped.uncommit(offset, bytes);
            set({offset / page_, bytes / page_}, {});
        } else if (has_range(offset, bytes)) {
            require(untyped.try_uncommit(offset, bytes).error() == std::errc::invalid_argument);
        }
    }

    FuzzedDataProvider input_;
    const std::size_t page_ = memory_pages::page_size();
    const Reservation reservation_{all_pages * page_};
    std::array<Page, all_pages> model_{};
    std::vector<Range> ranges_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Run run(data, size);
    while (run.has_more()) {
        run.step();
        run.check();
    }
    return 0;
}
