// SPDX-License-Identifier: MIT
// What must stop a process does: denied pages by the processor, broken contracts by the library.
#include <memory_pages/config.hpp>
#include <memory_pages/exec.hpp>
#include <memory_pages/guarded_pages.hpp>
#include <memory_pages/page_pool.hpp>
#include <memory_pages/paged_vec.hpp>
#include <memory_pages/pages.hpp>
#include <memory_pages/reservation.hpp>

#include "support/every_pages.hpp"
#include "support/machine_code.hpp"
#include "support/probe.hpp"
#include "support/process.hpp"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace memory_pages {
namespace {

using detail::check_level;
using detail::CheckLevel;
using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using Code = Pages<AllowRead, DenyWrite, AllowExec>;

std::size_t page() { return probe::page_size(); }

// -- the processor agrees with the types ----------------------------------------------------------

template <class P>
class Processor : public testing::Test {
protected:
    using Of = every_pages::Of<P>;

    every_pages::Made<P> made_ = every_pages::holding<P>(machine_code::nothing());
};
TYPED_TEST_SUITE(Processor, every_pages::Types, every_pages::Names);

TYPED_TEST(Processor, ReadsWhatMayBeReadAndElseAsIsEnforcedSays) {
    if (!probe::permissions_are_told()) {
        GTEST_SKIP() << "an emulator keeps the permissions, and denies less";
    }
    const volatile std::uint8_t* const byte = this->made_.address;
    const int signal = process::run_apart([byte] { (void)*byte; }).signal;
    const bool is_denied = !TestFixture::Of::read && TypeParam::is_enforced();
    EXPECT_EQ(signal, is_denied ? SIGSEGV : 0);
}

TYPED_TEST(Processor, WritesWhatMayBeWrittenAndNothingElse) {
    volatile std::uint8_t* const byte = this->made_.address;
    const int signal = process::run_apart([byte] { *byte = 1; }).signal;
    EXPECT_EQ(signal, TestFixture::Of::write ? 0 : SIGSEGV);
}

TYPED_TEST(Processor, RunsWhatMayBeRunAndNothingElse) {
    auto* const function = reinterpret_cast<void (*)()>(this->made_.address);
    const int signal =
        process::run_apart([function] { FnRef<void()>(function, nullptr)(); }).signal;
    EXPECT_EQ(signal, TestFixture::Of::exec ? 0 : SIGSEGV);
}

TYPED_TEST(Processor, AllButDeniedReadingBesideAnotherRightIsAlwaysEnforced) {
    constexpr bool read = TestFixture::Of::read;
    if (read || (!TestFixture::Of::write && !TestFixture::Of::exec)) {
        EXPECT_TRUE(TypeParam::is_enforced());
    }
    EXPECT_EQ(probe::can_read(this->made_.address), read || !TypeParam::is_enforced());
}

// -- contracts ------------------------------------------------------------------------------------

class Contract : public testing::Test {
protected:
    void SetUp() override {
        if (check_level == CheckLevel::off) {
            GTEST_SKIP() << "built without contract checks";
        }
    }
};

/// Takes the pages away without the compiler seeing it.
template <class P>
void take_from(P& pages) {
    const P taken(std::move(pages));
}

TEST_F(Contract, AnIndexIsBelowTheSize) {
    ReadWrite pages(page());
    const ReadWrite& same = pages;
    const std::string outside =
        "index " + std::to_string(page()) + " is outside " + std::to_string(page());
    EXPECT_DEATH((void)pages[page()], "memory_pages: Pages::operator\\[\\]: " + outside);
    EXPECT_DEATH((void)same[page()], "memory_pages: Pages::operator\\[\\]: " + outside);
    EXPECT_DEATH((void)same.get_ptr(page()), "memory_pages: Pages::get_ptr: " + outside);
    EXPECT_DEATH((void)pages.get_ptr_mut(page()), "memory_pages: Pages::get_ptr_mut: " + outside);
}

TEST_F(Contract, AFunctionStartsWithinThePages) {
    const Code code(page());
    EXPECT_DEATH((void)code.get_fn<void()>(page()), "Pages::get_fn: index .* is outside");
    EXPECT_DEATH((void)code.get_fn_ptr<void()>(page()), "Pages::get_fn_ptr: index .* is outside");
}

TEST_F(Contract, WriteAtStaysWithinThePages) {
    ReadWrite pages(page());
    constexpr std::array<std::uint8_t, 2> two = {1, 2};
    EXPECT_DEATH(pages.write_at(page() - 1, two),
                 "Pages::write_at: offset " + std::to_string(page() - 1) +
                     " and length 2 are outside " + std::to_string(page()));
    EXPECT_DEATH(pages.write_at(page() + 1, {}), "Pages::write_at: offset .* are outside");
    EXPECT_DEATH(pages.write_at(static_cast<std::size_t>(-1), two), "Pages::write_at: offset");
}

TEST_F(Contract, PagesThatWereMovedFromAreNotLookedAt) {
    ReadWrite pages(page());
    const ReadWrite& same = pages;
    take_from(pages);
    EXPECT_DEATH((void)pages[0], "Pages::operator.*index 0 is outside 0 .empty, or moved from.");
    EXPECT_DEATH((void)pages.get_ptr(), "Pages::get_ptr: index 0 is outside 0");
    EXPECT_DEATH((void)pages.get_ptr_mut(), "Pages::get_ptr_mut: index 0 is outside 0");
    EXPECT_DEATH((void)pages.data(), "Pages::data: the pages were moved from");
    EXPECT_DEATH((void)same.data(), "Pages::data: the pages were moved from");
    EXPECT_DEATH((void)pages.bytes(), "Pages::bytes: the pages were moved from");
    EXPECT_DEATH((void)same.bytes(), "Pages::bytes: the pages were moved from");
    EXPECT_DEATH((void)pages.as<int>(), "Pages::as: the pages were moved from");
    EXPECT_DEATH((void)same.as<int>(), "Pages::as: the pages were moved from");
    EXPECT_DEATH((void)pages.begin(), "Pages::begin: the pages were moved from");
    EXPECT_DEATH((void)same.begin(), "Pages::begin: the pages were moved from");
    EXPECT_DEATH((void)pages.end(), "Pages::end: the pages were moved from");
    EXPECT_DEATH((void)same.end(), "Pages::end: the pages were moved from");
    EXPECT_DEATH(pages.write_at(0, {}), "Pages::write_at: the pages were moved from");
    EXPECT_DEATH(pages.write([](auto) {}), "Pages::write: the pages were moved from");
    EXPECT_DEATH(same.read([](auto) {}), "Pages::read: the pages were moved from");
}

TEST_F(Contract, PagesThatWereMovedFromAreNotHandedToTheSystem) {
    ReadWrite pages(page());
    take_from(pages);
    EXPECT_DEATH(pages.resize(page()), "Pages::resize: the pages were moved from");
    EXPECT_DEATH((void)pages.try_resize(page()), "Pages::resize: the pages were moved from");
    EXPECT_DEATH(pages.advise_use_soon(), "Pages::advise: the pages were moved from");
    EXPECT_DEATH(pages.populate(), "Pages::populate: the pages were moved from");
    EXPECT_DEATH(pages.decommit(), "Pages::decommit: the pages were moved from");
    EXPECT_DEATH(pages.discard(), "Pages::discard: the pages were moved from");
    EXPECT_DEATH(pages.zero(), "Pages::zero: the pages were moved from");
    EXPECT_DEATH((void)std::move(pages).release(), "Pages::release: the pages were moved from");
}

TEST_F(Contract, PagesThatWereMovedFromDoNotChangePermissions) {
    ReadWrite pages(page());
    take_from(pages);
    ReadWrite& p = pages;
    EXPECT_DEATH((void)std::move(p).allow_read(), "Pages::allow_read: .* moved from");
    EXPECT_DEATH((void)std::move(p).deny_read(), "Pages::deny_read: .* moved from");
    EXPECT_DEATH((void)std::move(p).allow_write(), "Pages::allow_write: .* moved from");
    EXPECT_DEATH((void)std::move(p).deny_write(), "Pages::deny_write: .* moved from");
    EXPECT_DEATH((void)std::move(p).deny_exec(), "Pages::deny_exec: .* moved from");
    EXPECT_DEATH((void)std::move(p).set_protected_exec(), "set_protected_exec: .* moved from");
    EXPECT_DEATH((void)std::move(p).try_deny_write(), "Pages::try_deny_write: .* moved from");
}

TEST_F(Contract, GuardedPagesThatWereMovedFromAreNotHandedToTheSystem) {
    GuardedPages<AllowRead, AllowWrite, DenyExec> pages(page());
    EXPECT_DEATH((void)pages.is_guarded(page()), "GuardedPages::is_guarded: index .* is outside");
    take_from(pages);
    EXPECT_DEATH((void)pages.is_guarded(0), "GuardedPages::is_guarded: index 0 is outside 0");
    EXPECT_DEATH(pages.guard(0, page()), "GuardedPages::guard: the pages were moved from");
    EXPECT_DEATH((void)pages.try_unguard(0, page()), "GuardedPages::unguard: .* moved from");
    EXPECT_EQ(pages.size(), 0U);
}

TEST_F(Contract, HugePagesAreNotRequiredOfWhatGrows) {
    constexpr HugePages wrong = HugePages::require;
    EXPECT_DEATH(set_default_huge_pages(wrong), "memory_pages: set_default_huge_pages: ");
    EXPECT_DEATH(PagedVec<int>().set_huge_pages(wrong), "memory_pages: PagedVec::set_huge_pages: ");
    EXPECT_DEATH(PagePool({.huge_pages = wrong}), "memory_pages: PagePool: ");
}

TEST_F(Contract, PagesOfAPoolThatWereMovedFromAreNotLookedAt) {
    PagePool pool;
    auto pages = pool.take<AllowRead, AllowWrite, DenyExec>(1);
    take_from(pages);
    EXPECT_DEATH((void)pages.data(), "memory_pages: Pages::data: the pages were moved from");
    EXPECT_EQ(pages.size(), 0U);
}

TEST_F(Contract, CodeThatWasMovedFromLendsNothing) {
    Code code(page());
    take_from(code);
    EXPECT_DEATH((void)code.get_fn<void()>(), "Pages::get_fn: index 0 is outside 0");
    EXPECT_DEATH((void)code.get_fn_ptr(), "Pages::get_fn_ptr: index 0 is outside 0");
    auto patchable = Pages<AllowRead, AllowWrite, AllowExec>(page());
    take_from(patchable);
    EXPECT_DEATH(patchable.publish(), "Pages::publish: the pages were moved from");
}

TEST_F(Contract, AReservationOutlivesItsRanges) {
    std::optional<Reservation> reservation(std::in_place, 16 * page());
    const auto first = reservation->commit<AllowRead, AllowWrite>(0, page());
    EXPECT_DEATH(reservation.reset(), "memory_pages: Reservation: ended under living ranges: 1");
    const auto second = reservation->commit<AllowRead, DenyWrite>(page(), page());
    EXPECT_DEATH(*reservation = Reservation(page()), "ended under living ranges: 2");
}

TEST_F(Contract, AReservationThatWasMovedFromIsNotUsed) {
    Reservation reservation(page());
    const Reservation& same = reservation;
    {
        const Reservation taken(std::move(reservation));
    }
    EXPECT_DEATH((void)same.address(), "Reservation::address: the reservation was moved from");
    EXPECT_DEATH((void)same.ranges(), "Reservation::ranges: the reservation was moved from");
    EXPECT_DEATH((void)same.untyped(), "Reservation::untyped: the reservation was moved from");
    EXPECT_DEATH((void)(same.try_commit<AllowRead, AllowWrite>(0, page())),
                 "Reservation::commit: the reservation was moved from");
}

TEST_F(Contract, AnOffsetIsAskedOfTheReservationThatARangeIsOf) {
    const Reservation one(page());
    const Reservation other(page());
    const auto range = one.commit<AllowRead, AllowWrite>(0, page());
    EXPECT_DEATH((void)other.offset_of(range), "the range is not of this reservation");
}

TEST_F(Contract, PartsThatWereMovedFromAreNeitherSplitNorJoined) {
    ReadWrite pages(4 * page());
    take_from(pages);
    EXPECT_DEATH((void)std::move(pages).split_at(page()), "Pages::split_at: the pages were moved");
    ReadWrite other(page());
    EXPECT_DEATH((void)std::move(other).join(std::move(pages)),
                 "Pages::join: the pages were moved");
}

TEST(UncheckedContract, AddressesOfAReservationStayUntilItsLastRangeEnds) {
    if (check_level != CheckLevel::off) {
        GTEST_SKIP() << "built with contract checks, which stop such a program";
    }
    std::optional<Reservation> reservation(std::in_place, 16 * page());
    std::uint8_t* const address = reservation->address();
    std::optional range(reservation->commit<AllowRead, AllowWrite>(page(), page()));
    reservation.reset();
    (*range)[0] = 5;
    EXPECT_FALSE(Reservation::try_new(16 * page(), {.at = address}));
    EXPECT_EQ((*range)[0], 5);
    range.reset();
    EXPECT_TRUE(Reservation::try_new(16 * page(), {.at = address}));
}

// -- borrowed functions and bytes -----------------------------------------------------------------

constexpr auto still_borrowed = "these pages are still borrowed, by a FnRef or by read or write";

class Borrowed : public testing::Test {
protected:
    void SetUp() override {
        if (check_level != CheckLevel::hardened) {
            GTEST_SKIP() << "built without counting borrowers";
        }
    }

    static Code code() {
        ReadWrite pages(page());
        pages.write_at(0, machine_code::nothing());
        return std::move(pages).set_protected_exec();
    }
};

TEST_F(Borrowed, PagesDoNotChangePermissions) {
    Code pages = code();
    const auto function = pages.get_fn<void()>();
    EXPECT_DEATH((void)std::move(pages).allow_write_no_exec(), still_borrowed);
    EXPECT_DEATH((void)std::move(pages).try_deny_exec(), still_borrowed);
}

TEST_F(Borrowed, PagesAreNotUnmapped) {
    std::optional<FnRef<void()>> function;
    EXPECT_DEATH(
        {
            const Code pages = code();
            function = pages.get_fn<void()>();
        },
        still_borrowed);
}

TEST_F(Borrowed, PagesAreNotAssignedTo) {
    Code pages = code();
    const auto function = pages.get_fn<void()>();
    EXPECT_DEATH(pages = code(), still_borrowed);
}

TEST_F(Borrowed, PagesDoNotGoBackToTheirPool) {
    PagePool pool;
    std::optional pages(pool.take<AllowRead, AllowWrite, DenyExec>(1));
    EXPECT_DEATH(pages->write([&](std::span<std::uint8_t>) { pages.reset(); }),
                 "memory_pages: unmap: ");
}

TEST_F(Borrowed, PagesAreNeitherSplitNorJoined) {
    ReadWrite whole(4 * page());
    ReadWrite& pages = whole;
    pages.write([&](auto) {
        EXPECT_DEATH((void)std::move(pages).split_at(page()), "memory_pages: split: ");
    });
    auto [front, behind] = std::move(whole).split_at(page());
    ReadWrite& one = front;
    ReadWrite& other = behind;
    one.read([&](auto) {
        EXPECT_DEATH((void)std::move(one).join(std::move(other)), "memory_pages: join: ");
    });
    other.read([&](auto) {
        EXPECT_DEATH((void)std::move(one).join(std::move(other)), "memory_pages: join: ");
    });
}

TEST_F(Borrowed, RangesDoNotGoNorAreTheySplitOrJoined) {
    const Reservation reservation(4 * page());
    std::optional one(reservation.commit<AllowRead, AllowWrite>(0, 2 * page()));
    auto other = reservation.commit<AllowRead, AllowWrite>(2 * page(), page());
    one->write([&](auto) {
        EXPECT_DEATH(one.reset(), "memory_pages: uncommit: ");
        EXPECT_DEATH((void)std::move(*one).split_at(page()), "memory_pages: split: ");
        EXPECT_DEATH((void)std::move(*one).join(std::move(other)), "memory_pages: join: ");
    });
    other.read([&](auto) {
        EXPECT_DEATH((void)std::move(*one).join(std::move(other)), "memory_pages: join: ");
    });
}

TEST_F(Borrowed, PagesBecomeNoGuards) {
    GuardedPages<AllowRead, AllowWrite, DenyExec> pages(page());
    const auto lend = [&](auto act) { pages.write([&](std::span<std::uint8_t>) { act(); }); };
    EXPECT_DEATH(lend([&] { pages.guard(0, page()); }), "memory_pages: guard: ");
    pages.guard(0, page());
    EXPECT_DEATH(lend([&] { (void)std::move(pages).deny_write(); }), still_borrowed);
    EXPECT_DEATH(lend([&] { take_from(pages); }), "memory_pages: unmap: ");
}

TEST_F(Borrowed, PagesKeepTheirContents) {
    Pages<AllowRead, AllowWrite, AllowExec> pages(page());
    const auto function = pages.get_fn<void()>();
    EXPECT_DEATH(pages.decommit(), still_borrowed);
    EXPECT_DEATH(pages.discard(), still_borrowed);
    EXPECT_DEATH(pages.zero(), still_borrowed);
}

TEST_F(Borrowed, EveryCopyCounts) {
    const Code other = code();
    Code pages = code();
    std::optional first = pages.get_fn<void()>();
    std::optional second = first;
    first.reset();
    EXPECT_DEATH((void)std::move(pages).deny_exec(), still_borrowed);
    second = other.get_fn<void()>();
    const auto freed = std::move(pages).deny_exec();
    EXPECT_EQ(probe::permissions(freed.data()), "r--");
}

TEST_F(Borrowed, PagesMayStillMoveAndBecomeWhatTheyAre) {
    Code other = code();
    Code pages = code();
    const auto function = pages.get_fn<void()>();
    other = std::move(pages).allow_read().deny_write().allow_exec();
    function();
    EXPECT_EQ(probe::permissions(other.data()), "r-x");
}

TEST_F(Borrowed, TheMessageNamesTheCall) {
    Code pages = code();
    const auto function = pages.get_fn<void()>();
    EXPECT_DEATH((void)std::move(pages).deny_exec(), "memory_pages: protect: these pages");
}

/// Calls `act` with read-and-write pages that are being read, and then with pages that are being
/// written.
void while_lent(auto act) {
    std::optional<ReadWrite> pages(std::in_place, page());
    pages->read([&](auto) { act(pages); });
    pages->write([&](auto) { act(pages); });
}

TEST_F(Borrowed, BytesThatAreLentKeepTheirPermissions) {
    while_lent([](auto& pages) {
        EXPECT_DEATH((void)std::move(*pages).deny_write(), still_borrowed);
        EXPECT_DEATH((void)std::move(*pages).try_deny_read(), still_borrowed);
    });
}

TEST_F(Borrowed, BytesThatAreLentKeepTheirPlace) {
    while_lent([](auto& pages) {
        EXPECT_DEATH(pages->resize(2 * page()), still_borrowed);
        EXPECT_DEATH((void)pages->try_resize(page()), still_borrowed);
    });
}

TEST_F(Borrowed, BytesThatAreLentKeepTheirContents) {
    while_lent([](auto& pages) {
        EXPECT_DEATH(pages->decommit(), still_borrowed);
        EXPECT_DEATH(pages->discard(), still_borrowed);
        EXPECT_DEATH(pages->zero(), still_borrowed);
    });
}

TEST_F(Borrowed, BytesThatAreLentDoNotGo) {
    while_lent([](auto& pages) {
        EXPECT_DEATH(pages.reset(), still_borrowed);
        EXPECT_DEATH(*pages = ReadWrite(1), still_borrowed);
    });
}

TEST_F(Borrowed, BytesAreLentForOneCallOnly) {
    ReadWrite pages(page());
    pages.write([&](auto) { pages.read([](auto) {}); });
    pages.resize(2 * page());
    const auto frozen = std::move(pages).deny_write();
    EXPECT_EQ(probe::permissions(frozen.data()), "r--");
}

TEST_F(Borrowed, BytesThatAreLentMayStillMove) {
    ReadWrite pages(page());
    ReadWrite other = pages.write([&](std::span<std::uint8_t> bytes) {
        ReadWrite moved = std::move(pages);
        bytes[0] = 7;
        return moved;
    });
    EXPECT_EQ(other[0], 7);
    other.zero();
}

}  // namespace
}  // namespace memory_pages
