// SPDX-License-Identifier: MIT
// Messages name the call as the user wrote it and, for an invalid argument, which one it is and
// why.
#include <memory_pages/guarded_pages.hpp>
#include <memory_pages/page_pool.hpp>
#include <memory_pages/paged_vec.hpp>
#include <memory_pages/pages.hpp>
#include <memory_pages/populate.hpp>
#include <memory_pages/query.hpp>
#include <memory_pages/reservation.hpp>

#include "support/checks.hpp"
#include "support/fails.hpp"
#include "support/probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using ReadWriteRange = PageRange<AllowRead, AllowWrite, DenyExec>;
using ReadWriteGuarded = GuardedPages<AllowRead, AllowWrite, DenyExec>;

std::size_t page() { return probe::page_size(); }

std::string text(std::size_t value) { return std::to_string(value); }

/// A call that must be refused, and what its message must begin with.
struct Refused {
    std::string message;
    void (*call)();
};

void expect_all(const std::vector<Refused>& refused) {
    for (const Refused& each : refused) {
        EXPECT_FAILS_SAYING(each.call(), testing::HasSubstr(each.message + ": ")) << each.message;
    }
}

const std::string no_multiple = " is not a multiple of " + text(page());
const std::string one_page = text(page()) + " bytes";
const std::string two_pages = text(2 * page()) + " bytes";

ReadWriteRange committed(const Reservation& reservation, std::size_t first) {
    return reservation.commit<AllowRead, AllowWrite>(first * page(), 2 * page());
}

PooledPages<AllowRead, AllowWrite, DenyExec> pooled() {
    return PagePool::process().take<AllowRead, AllowWrite, DenyExec>(2 * page());
}

TEST(RefusedMapping, NamesTheOptionAndItsValue) {
    expect_all({
        {"Pages(0 bytes): the size is 0", [] { (void)ReadWrite(0); }},
        {"Pages(4096 bytes, alignment 3): the alignment is not a power of two",
         [] { (void)ReadWrite(4096, {.alignment = 3}); }},
        {"Pages(1 bytes, uncharged, huge pages required): required huge pages cannot be uncharged",
         [] { (void)ReadWrite(1, {.uncharged = true, .huge_pages = HugePages::require}); }},
        {"Pages(1 bytes, populate): pages that are neither readable nor writable have no contents "
         "to populate",
         [] { (void)Pages<DenyRead, DenyWrite, DenyExec>(1, {.populate = true}); }},
        {"GuardedPages(0 bytes, guards of 5 and 1 bytes): the size is 0",
         [] { (void)ReadWriteGuarded(0, {.before = 5}); }},
        {"Reservation(0 bytes): the size is 0", [] { (void)Reservation(0); }},
        {"Reservation(1 bytes, alignment 3): the alignment is not a power of two",
         [] { (void)Reservation(1, {.alignment = 3}); }},
        {"Reservation(1 bytes, near to 0x10, at 0x10): both `at` and `near_to`",
         [] {
             auto* const at = reinterpret_cast<void*>(std::uintptr_t{16});
             (void)Reservation(1, {.near_to = at, .at = at});
         }},
        {"PagePool::take(0 bytes): the size is 0",
         [] { (void)PagePool::process().take<AllowRead, AllowWrite, DenyExec>(0); }},
    });
}

TEST(RefusedMapping, NamesTheSizeWhenThereIsNotEnoughMemory) {
    expect_all({
        {"Pages(" + text(SIZE_MAX / 2) + " bytes)", [] { (void)ReadWrite(SIZE_MAX / 2); }},
        {"Reservation(" + text(SIZE_MAX / 2) + " bytes)", [] { (void)Reservation(SIZE_MAX / 2); }},
    });
}

TEST(RefusedRange, NamesTheArgumentAndItsValue) {
    expect_all({
        {"Pages::decommit(offset 1, " + one_page + "): the offset" + no_multiple,
         [] {
             ReadWrite pages(2 * page());
             pages.decommit(1, page());
         }},
        {"Pages::decommit(offset 0, 5 bytes): the length" + no_multiple,
         [] {
             ReadWrite pages(2 * page());
             pages.decommit(0, 5);
         }},
        {"Pages::discard(offset " + text(page()) + ", " + two_pages +
             "): the range is not within " + two_pages,
         [] {
             ReadWrite pages(2 * page());
             pages.discard(page(), 2 * page());
         }},
        {"Pages::zero(offset 1, " + text(2 * page() - 1) + " bytes): the offset" + no_multiple,
         [] {
             ReadWrite pages(2 * page());
             pages.zero(1);
         }},
        {"Pages::advise(offset 9, " + two_pages + "): the range is not within " + two_pages,
         [] { ReadWrite(2 * page()).advise(Advice::random, 9, 2 * page()); }},
        {"Pages::populate(offset 9, " + two_pages + "): the range is not within " + two_pages,
         [] { ReadWrite(2 * page()).populate(9, 2 * page()); }},
        {"Pages::collapse(offset 9, " + two_pages + "): the range is not within " + two_pages,
         [] { ReadWrite(2 * page()).collapse(9, 2 * page()); }},
        {"PageRange::decommit(offset 1, " + one_page + "): the offset" + no_multiple,
         [] {
             const Reservation reservation(2 * page());
             ReadWriteRange range = committed(reservation, 0);
             range.decommit(1, page());
         }},
        {"PooledPages::zero(offset 0, 5 bytes): the length" + no_multiple,
         [] {
             auto pages = pooled();
             pages.zero(0, 5);
         }},
        {"GuardedPages::guard(offset 1, " + one_page + "): the offset" + no_multiple,
         [] {
             ReadWriteGuarded pages(2 * page());
             pages.guard(1, page());
         }},
        {"GuardedPages::unguard(offset 0, 5 bytes): the length" + no_multiple,
         [] {
             ReadWriteGuarded pages(2 * page());
             pages.unguard(0, 5);
         }},
        {"GuardedPages::discard(offset 1, " + one_page + "): the offset" + no_multiple,
         [] {
             ReadWriteGuarded pages(2 * page());
             pages.discard(1, page());
         }},
        {"populate(offset 9, " + two_pages + "): the range is not within " + two_pages,
         [] { populate(ReadWrite(2 * page()), 9, 2 * page()); }},
    });
}

TEST(RefusedRange, NamesTheFirstBadOneOfMany) {
    static const std::array<ByteRange, 2> ranges{{{0, page()}, {1, page()}}};
    const std::string bad = "(2 ranges): ranges[1] (offset 1, " + one_page + "): the offset";
    expect_all({
        {"Pages::decommit" + bad + no_multiple,
         [] {
             ReadWrite pages(2 * page());
             pages.decommit(ranges);
         }},
        {"PooledPages::discard" + bad + no_multiple,
         [] {
             auto pages = pooled();
             pages.discard(ranges);
         }},
    });
    static const std::array<ByteRange, 2> far{{{0, 1}, {2 * page(), 1}}};
    expect_all({{"Pages::advise(2 ranges): ranges[1] (offset " + text(2 * page()) +
                     ", 1 bytes): the range is not within " + two_pages,
                 [] { ReadWrite(2 * page()).advise(Advice::random, far); }}});
}

TEST(RefusedChange, NamesTheArgumentAndItsValue) {
    expect_all({
        {"Pages::resize(0 bytes): the size is 0",
         [] {
             ReadWrite pages(page());
             pages.resize(0);
         }},
        {"Pages::split_at(offset 0): the offset is not inside " + two_pages,
         [] { (void)ReadWrite(2 * page()).split_at(0); }},
        {"Pages::split_at(offset 5): the offset" + no_multiple,
         [] { (void)ReadWrite(2 * page()).split_at(5); }},
        {"PageRange::split_at(offset 5): the offset" + no_multiple,
         [] {
             const Reservation reservation(2 * page());
             (void)committed(reservation, 0).split_at(5);
         }},
        {"Pages::adopt_unchecked(0x0, 0 bytes): there are no pages, or they were adopted before",
         [] { (void)ReadWrite::adopt_unchecked(nullptr, 0); }},
        {"Pages::adopt_unchecked(0x1, " + one_page + "): the address" + no_multiple,
         [] {
             auto* const odd = reinterpret_cast<std::uint8_t*>(std::uintptr_t{1});
             (void)ReadWrite::adopt_unchecked(odd, page());
         }},
        {"Pages::adopt(0x0, 0 bytes): there are no pages, or they were adopted before",
         [] {
             auto raw = ReadWrite(page()).release();
             const ReadWrite adopted = ReadWrite::adopt(std::move(raw));
             (void)ReadWrite::adopt(std::move(raw));  // NOLINT(bugprone-use-after-move)
         }},
    });
}

TEST(RefusedJoin, NamesTheAddressThatDoesNotFollow) {
    expect_all({{"where those before them end", [] {
                     auto [front, behind] = ReadWrite(2 * page()).split_at(page());
                     (void)std::move(behind).join(std::move(front));
                 }}});
}

TEST(RefusedCommit, NamesTheRangeAndWhyItIsRefused) {
    expect_all({
        {"Reservation::commit(offset 1, " + two_pages + "): the offset" + no_multiple,
         [] { (void)Reservation(4 * page()).commit<AllowRead, AllowWrite>(1, 2 * page()); }},
        {"Reservation::commit(offset 0, 0 bytes): the size is 0",
         [] { (void)Reservation(4 * page()).commit<AllowRead, AllowWrite>(0, 0); }},
        {"Reservation::commit(offset " + text(page()) + ", " + two_pages +
             "): pages of the range are in use already",
         [] {
             const Reservation reservation(4 * page());
             const ReadWriteRange range = committed(reservation, 0);
             (void)reservation.commit<AllowRead, AllowWrite>(page(), 2 * page());
         }},
        {"UntypedReservation::commit(offset 0, 5 bytes): the length" + no_multiple,
         [] {
             const Reservation reservation(4 * page());
             reservation.untyped().commit<AllowRead, AllowWrite>(0, 5);
         }},
        {"UntypedReservation::uncommit(offset " + text(4 * page()) + ", " + one_page +
             "): the range is not within " + text(4 * page()) + " bytes",
         [] {
             const Reservation reservation(4 * page());
             reservation.untyped().uncommit(4 * page(), page());
         }},
        {"UntypedReservation::decommit(offset 0, " + one_page +
             "): pages of the range are not committed by this view",
         [] {
             const Reservation reservation(4 * page());
             reservation.untyped().decommit(0, page());
         }},
        {"UntypedReservation::populate(offset 0, " + one_page +
             "): the pages do not allow this access",
         [] {
             const Reservation reservation(4 * page());
             reservation.untyped().commit<AllowRead, AllowWrite>(0, page());
             reservation.untyped().populate(0, page(), Access::none);
         }},
        {"UntypedReservation::protect(offset 1, " + one_page + "): the offset" + no_multiple,
         [] {
             const Reservation reservation(4 * page());
             reservation.untyped().protect<AllowRead, DenyWrite>(1, page());
         }},
    });
}

TEST(RefusedVector, NamesTheElements) {
    expect_all({
        {"PagedVec::decommit_front(index 0, 5 elements): the elements are not within 3",
         [] { PagedVec<int>(3).decommit_front(5); }},
        {"PagedVec::advise(index 2, 2 elements): the elements are not within 3",
         [] { PagedVec<int>(3).advise(Advice::random, 2, 2); }},
        {"PagedVec::from_pages(index 0, " + text(page() + 1) +
             " elements): the elements are not within " + text(page()),
         [] { (void)PagedVec<char>::from_pages(ReadWrite(page()), page() + 1); }},
        {"PagedVec::from_pages(index 0, 1 elements): the pages are not aligned for the type, were "
         "split, or are huge pages with HugePages::require",
         [] {
             auto parts = ReadWrite(2 * page()).split_at(page());
             (void)PagedVec<char>::from_pages(std::move(parts.second), 1);
         }},
    });
}

TEST(RefusedLooking, NamesTheBytes) {
    expect_all(
        {{"resident_bytes(0x10, " + text(SIZE_MAX) +
              " bytes): the bytes do not end within the address space",
          [] { (void)resident_bytes(reinterpret_cast<void*>(std::uintptr_t{16}), SIZE_MAX); }}});
}

template <class Pages>
void expect_named(Pages pages, const std::string& type) {
    checks::take_from(pages);
    EXPECT_DEATH((void)pages.bytes(), type + "::bytes: there are no pages: empty, or moved from");
}

using checks::BorrowCheck;
using checks::Contract;

/// What stops each verb of these pages while they are borrowed.
template <class Pages>
void expect_borrow_named(Pages pages, const std::string& type) {
    const detail::Borrow borrow(pages.data());
    const auto refused = [&](const char* verb) {
        return "memory_pages: " + type + "::" + verb + ": " + checks::still_borrowed;
    };
    EXPECT_DEATH(pages.decommit(), refused("decommit"));
    EXPECT_DEATH((void)pages.try_discard(), refused("discard"));
    EXPECT_DEATH(pages.zero(0, page()), refused("zero"));
    EXPECT_DEATH((void)std::move(pages).deny_write(), refused("deny_write"));
    EXPECT_DEATH((void)std::move(pages).try_deny_read(), refused("try_deny_read"));
    EXPECT_DEATH(pages = Pages(), refused(("~" + type).c_str()));
}

TEST_F(BorrowCheck, NamesTheTypeAndTheVerb) {
    expect_borrow_named(ReadWrite(page()), "Pages");
    expect_borrow_named(ReadWriteGuarded(page()), "GuardedPages");
    expect_borrow_named(pooled(), "PooledPages");
    const Reservation reservation(2 * page());
    expect_borrow_named(committed(reservation, 0), "PageRange");
}

TEST_F(BorrowCheck, NamesTheVerbsOfSomePages) {
    ReadWrite pages(2 * page());
    const detail::Borrow borrow(pages.data());
    EXPECT_DEATH(pages.resize(page()), "Pages::resize: these pages are still borrowed");
    EXPECT_DEATH((void)std::move(pages).split_at(page()),
                 "Pages::split_at: these pages are still borrowed");
    ReadWriteGuarded guarded(2 * page());
    const detail::Borrow another(guarded.data());
    EXPECT_DEATH(guarded.guard(0, page()), "GuardedPages::guard: these pages are still borrowed");
}

TEST_F(Contract, NamesTheTypeOfPagesThatWereMovedFrom) {
    const Reservation reservation(2 * page());
    expect_named(ReadWrite(page()), "Pages");
    expect_named(committed(reservation, 0), "PageRange");
    expect_named(pooled(), "PooledPages");
    expect_named(ReadWriteGuarded(page()), "GuardedPages");
}

}  // namespace
}  // namespace memory_pages
