// SPDX-License-Identifier: MIT
/// \file
/// Address space with parts committed. The size of a work is the bytes handled at once.

#include "by_hand.hpp"
#include "measure.hpp"
#include "pages.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace {

using measure::repeated;
using measure::Sampler;
using measure::Way;
using memory_pages::AllowRead;
using memory_pages::AllowWrite;
using memory_pages::DenyExec;
using memory_pages::PageRange;
using memory_pages::Reservation;

constexpr std::size_t times = 200;
constexpr std::size_t room = std::size_t{1} << 30;

/// Handles places one after the other, far from each other.
class Places {
public:
    explicit Places(std::size_t bytes) : step_(16 * bytes) {}
    std::size_t next() {
        offset_ = offset_ + 2 * step_ > room ? 0 : offset_ + step_;
        return offset_;
    }

private:
    std::size_t step_;
    std::size_t offset_ = 0;
};

template <class Operation>
void way(const std::string& work, const char* name, Operation operation_of) {
    Way(work, name, 0,
        [=](std::size_t bytes) -> Sampler { return repeated(times, operation_of(bytes)); });
}

template <bool touches>
void add_commits(const std::string& work) {
    const auto use = [](void* memory, std::size_t bytes) {
        measure::keep(memory);
        if constexpr (touches) {
            by_hand::touch(memory, bytes);
        }
    };
    way(work, "Reservation", [use](std::size_t bytes) {
        return [=, places = Places(bytes),
                reservation = std::make_shared<Reservation>(room)]() mutable {
            auto range = reservation->commit<AllowRead, AllowWrite>(places.next(), bytes);
            use(range.data(), bytes);
        };
    });
    way(work, "UntypedReservation", [use](std::size_t bytes) {
        return [=, places = Places(bytes),
                reservation = std::make_shared<Reservation>(room)]() mutable {
            const auto untyped = reservation->untyped();
            const std::size_t offset = places.next();
            untyped.commit<AllowRead, AllowWrite>(offset, bytes);
            use(reservation->address() + offset, bytes);
            untyped.uncommit(offset, bytes);
        };
    });
    way(work, "mprotect and mmap by hand", [use](std::size_t bytes) {
        auto* const base = static_cast<std::byte*>(by_hand::reserve(room));
        return [=, places = Places(bytes)]() mutable {
            std::byte* const memory = base + places.next();
            const bool is_there = by_hand::allow(memory, bytes, true, true);
            use(memory, is_there ? bytes : 0);
            measure::keep(by_hand::retire(memory, bytes));
        };
    });
}

const bool added = [] {
    way("reserve and release", "Reservation", [](std::size_t bytes) {
        return [=] {
            const Reservation reservation(bytes);
            measure::keep(reservation.address());
        };
    });
    way("reserve and release", "mmap by hand", [](std::size_t bytes) {
        return [=] {
            void* const base = by_hand::reserve(bytes);
            measure::keep(base);
            by_hand::unmap(base, bytes);
        };
    });

    add_commits<false>("commit and decommit");
    add_commits<true>("commit, touch and decommit");

    way("protect and back", "PageRange", [](std::size_t bytes) {
        using Range = PageRange<AllowRead, AllowWrite, DenyExec>;
        auto reservation = std::make_shared<Reservation>(room);
        auto range = std::make_shared<Range>(reservation->commit<AllowRead, AllowWrite>(0, bytes));
        return [reservation, range = std::move(range)] {
            auto frozen = std::move(*range).deny_write();
            measure::keep(frozen.data());
            *range = std::move(frozen).allow_write();
        };
    });
    way("protect and back", "mprotect by hand", [](std::size_t bytes) {
        void* const base = by_hand::reserve(room);
        measure::keep(by_hand::allow(base, bytes, true, true));
        return [=] {
            measure::keep(by_hand::allow(base, bytes, true, false));
            measure::keep(by_hand::allow(base, bytes, true, true));
        };
    });
    return true;
}();

}  // namespace
