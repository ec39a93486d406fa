// SPDX-License-Identifier: MIT
#include <memory_pages/pages.hpp>

#include "support/fails.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using ReadOnly = Pages<AllowRead, DenyWrite, DenyExec>;
using WriteOnly = Pages<DenyRead, AllowWrite, DenyExec>;

constexpr std::size_t largest = std::numeric_limits<std::size_t>::max();

std::size_t page() { return probe::page_size(); }

/// Pages full of `value`, all resident.
ReadWrite filled(std::size_t pages, std::uint8_t value = 0x5a) {
    ReadWrite all(pages * page());
    std::ranges::fill(all, value);
    return all;
}

bool all_are(std::span<const std::uint8_t> bytes, std::uint8_t value) {
    return std::ranges::all_of(bytes, [value](std::uint8_t byte) { return byte == value; });
}

/// Of some of the pages.
std::size_t resident_pages(const ReadWrite& pages, std::size_t first, std::size_t count) {
    return probe::resident_bytes(pages.data() + first * page(), count * page()) / page();
}

// -- hints --------------------------------------------------------------------------------------

TEST(Hints, NeverChangeContents) {
    const ReadWrite pages = filled(8);
    pages.advise_use_soon();
    pages.advise_use_seq();
    pages.advise_use_rnd();
    for (const Advice advice :
         {Advice::normal, Advice::cold, Advice::page_out, Advice::never_merge}) {
        pages.advise(advice);
        pages.advise(advice, page() + 1, 5);
    }
    pages.populate();
    pages.advise_use_soon(page() + 1, 5);
    pages.advise_use_seq(page() + 1, 5);
    pages.advise_use_rnd(page() + 1, 5);
    pages.populate(page() + 1, 5);
    EXPECT_TRUE(all_are(pages.bytes(), 0x5a));
}

TEST(Hints, CanBeGivenForPagesWithAnyPermissions) {
    const Pages<DenyRead, DenyWrite, DenyExec> none(page());
    EXPECT_TRUE(none.try_advise(Advice::use_soon));
    const ReadOnly read_only(page());
    EXPECT_TRUE(read_only.try_advise(Advice::sequential));
    const WriteOnly write_only(page());
    EXPECT_TRUE(write_only.try_advise(Advice::random));
}

TEST(Hints, ReachEveryPageThatTheirRangeTouches) {
    if (!probe::advice_acts()) {
        GTEST_SKIP() << "an emulator takes all advice, and does nothing";
    }
    if (!is_supported(Advice::random)) {
        GTEST_SKIP() << "this system takes no such hints";
    }
    const ReadWrite pages(4 * page());
    const std::size_t before = probe::mapping_count();
    pages.advise_use_rnd(2 * page() - 1, 2);  // the last byte of the second, the first of the third
    EXPECT_EQ(probe::mapping_count(), before + 2);
    pages.advise(Advice::normal, page(), 1);  // a part of the second
    EXPECT_EQ(probe::mapping_count(), before + 2);
    pages.advise(Advice::normal, 3 * page() - 1, 1);  // a part of the third
    EXPECT_EQ(probe::mapping_count(), before);
}

// -- populate -----------------------------------------------------------------------------------

class Populate : public testing::Test {
protected:
    void SetUp() override {
        if (!probe::advice_acts()) {
            GTEST_SKIP() << "an emulator takes all advice, and does nothing";
        }
    }
};

TEST_F(Populate, MakesTheTouchedPagesResidentAndNoOthers) {
    const ReadWrite pages(6 * page());
    pages.populate(3 * page() - 1, 2);
    EXPECT_EQ(resident_pages(pages, 0, 2), 0U);
    EXPECT_EQ(resident_pages(pages, 2, 2), 2U);
    EXPECT_EQ(resident_pages(pages, 4, 2), 0U);
}

TEST_F(Populate, ReachesToTheEndUnlessToldOtherwise) {
    const ReadWrite pages(4 * page());
    pages.populate(page());
    EXPECT_EQ(resident_pages(pages, 0, 1), 0U);
    EXPECT_EQ(resident_pages(pages, 1, 3), 3U);
}

TEST_F(Populate, LeavesNoFaultForLater) {
    if (!probe::counts_are_ours()) {
        GTEST_SKIP() << "a shadow of all memory is counted too";
    }
    if (!probe::faults_are_counted()) {
        GTEST_SKIP() << "this system does not count page faults";
    }
    ReadWrite pages(256 * page());
    pages.populate();
    const std::uint64_t before = probe::page_faults();
    std::ranges::fill(pages, std::uint8_t{1});
    EXPECT_LT(probe::page_faults(), before + 64);
}

TEST_F(Populate, WorksForReadOnlyAndForWriteOnlyPages) {
    const ReadOnly read_only(4 * page());
    read_only.populate();
    EXPECT_EQ(probe::resident_bytes(read_only.data(), read_only.size()), read_only.size());

    WriteOnly write_only(4 * page());
    write_only.populate();
    EXPECT_EQ(probe::resident_bytes(write_only.get_ptr_mut(), write_only.size()),
              write_only.size());
}

// -- decommit, discard, zero --------------------------------------------------------------------

TEST(Decommit, GivesTheRangeBackAndNothingElse) {
    ReadWrite pages = filled(8);
    pages.decommit(2 * page(), 3 * page());
    EXPECT_EQ(resident_pages(pages, 0, 2), 2U);
    EXPECT_EQ(resident_pages(pages, 2, 3), 0U);
    EXPECT_EQ(resident_pages(pages, 5, 3), 3U);
    EXPECT_TRUE(all_are(pages.bytes().first(2 * page()), 0x5a));
    EXPECT_TRUE(all_are(pages.bytes().last(3 * page()), 0x5a));
}

TEST(Decommit, LowersWhatTheProcessUses) {
    ReadWrite pages = filled(1024);
    const std::size_t before = probe::resident_bytes();
    pages.decommit();
    EXPECT_LT(probe::resident_bytes(), before - 900 * page());
}

TEST(Decommit, LeavesThePagesUsable) {
    ReadWrite pages = filled(4);
    pages.decommit();
    std::ranges::fill(pages, std::uint8_t{7});
    EXPECT_TRUE(all_are(pages.bytes(), 7));
}

TEST(Discard, LeavesThePagesUsableAndTheOthersAlone) {
    ReadWrite pages = filled(8);
    pages.discard(2 * page(), 3 * page());
    EXPECT_TRUE(all_are(pages.bytes().first(2 * page()), 0x5a));
    EXPECT_TRUE(all_are(pages.bytes().last(3 * page()), 0x5a));
    std::ranges::fill(pages.bytes().subspan(2 * page(), 3 * page()), std::uint8_t{7});
    EXPECT_TRUE(all_are(pages.bytes().subspan(2 * page(), 3 * page()), 7));
}

TEST(Zero, MakesTheRangeReadZeroAndNothingElse) {
    for (const std::size_t count : {1U, 3U, 500U}) {  // few enough to be cleared, and too many
        ReadWrite pages = filled(count + 2);
        pages.zero(page(), count * page());
        EXPECT_EQ(pages[page() - 1], 0x5a);
        EXPECT_TRUE(all_are(pages.bytes().subspan(page(), count * page()), 0));
        EXPECT_EQ(pages[(count + 1) * page()], 0x5a);
        EXPECT_TRUE(all_are(pages.bytes().last(page()), 0x5a));
    }
}

TEST(Zero, WorksForWriteOnlyPages) {
    WriteOnly pages = filled(4).deny_read();
    pages.zero(0, page());
    pages.zero(page());
    const ReadWrite readable = std::move(pages).allow_read();
    EXPECT_TRUE(all_are(readable.bytes(), 0));
}

TEST(Zero, OfMuchGivesTheMemoryBack) {
    ReadWrite pages = filled(1024);
    pages.zero();
    EXPECT_EQ(resident_pages(pages, 0, 1024), 0U);
}

// -- ranges -------------------------------------------------------------------------------------

/// A verb by both of its doors.
struct Verb {
    const char* name;
    std::function<void(ReadWrite&, std::size_t, std::size_t)> call;
    std::function<Result<void>(ReadWrite&, std::size_t, std::size_t)> try_call;
};

const std::vector<Verb>& hints() {
    static const std::vector<Verb> all = {
        {"advise", [](auto& p, auto at, auto n) { p.advise(Advice::random, at, n); },
         [](auto& p, auto at, auto n) { return p.try_advise(Advice::random, at, n); }},
        {"advise_use_soon", [](auto& p, auto at, auto n) { p.advise_use_soon(at, n); },
         [](auto& p, auto at, auto n) { return p.try_advise(Advice::use_soon, at, n); }},
        {"populate", [](auto& p, auto at, auto n) { p.populate(at, n); },
         [](auto& p, auto at, auto n) { return p.try_populate(at, n); }}};
    return all;
}

const std::vector<Verb>& destroyers() {
    static const std::vector<Verb> all = {
        {"decommit", [](auto& p, auto at, auto n) { p.decommit(at, n); },
         [](auto& p, auto at, auto n) { return p.try_decommit(at, n); }},
        {"discard", [](auto& p, auto at, auto n) { p.discard(at, n); },
         [](auto& p, auto at, auto n) { return p.try_discard(at, n); }},
        {"zero", [](auto& p, auto at, auto n) { p.zero(at, n); },
         [](auto& p, auto at, auto n) { return p.try_zero(at, n); }}};
    return all;
}

void expect_refused(const Verb& verb, ReadWrite& pages, std::size_t offset, std::size_t bytes) {
    SCOPED_TRACE(testing::Message() << verb.name << " from " << offset << ", " << bytes);
    EXPECT_FAILS(verb.call(pages, offset, bytes), std::errc::invalid_argument);
    const Result<void> refused = verb.try_call(pages, offset, bytes);
    EXPECT_FALSE(refused);
    EXPECT_EQ(refused.error(), std::errc::invalid_argument);
}

void expect_nothing_done(const Verb& verb, ReadWrite& pages, std::size_t offset) {
    SCOPED_TRACE(testing::Message() << verb.name << " of nothing at " << offset);
    verb.call(pages, offset, 0);
    EXPECT_TRUE(verb.try_call(pages, offset, 0));
}

TEST(Ranges, OfNothingAreASuccessThatDoesNothing) {
    ReadWrite pages = filled(4);
    for (const auto& verbs : {hints(), destroyers()}) {
        for (const Verb& verb : verbs) {
            for (const std::size_t offset : {std::size_t{0}, page(), pages.size()}) {
                expect_nothing_done(verb, pages, offset);
            }
            verb.call(pages, pages.size(), ReadWrite::to_end);
        }
    }
    EXPECT_TRUE(all_are(pages.bytes(), 0x5a));
    EXPECT_EQ(resident_pages(pages, 0, 4), 4U);
}

TEST(Ranges, OutsideThePagesAreRefused) {
    ReadWrite pages = filled(4);
    const std::size_t size = pages.size();
    for (const auto& verbs : {hints(), destroyers()}) {
        for (const Verb& verb : verbs) {
            expect_refused(verb, pages, 0, size + page());
            expect_refused(verb, pages, page(), size);
            expect_refused(verb, pages, size, page());
            expect_refused(verb, pages, size + page(), 0);
            expect_refused(verb, pages, size + page(), ReadWrite::to_end);
        }
    }
    EXPECT_TRUE(all_are(pages.bytes(), 0x5a));
}

TEST(Ranges, ThatOverflowAreRefused) {
    ReadWrite pages = filled(4);
    const std::size_t last_page = largest - page() + 1;
    for (const auto& verbs : {hints(), destroyers()}) {
        for (const Verb& verb : verbs) {
            expect_refused(verb, pages, page(), last_page);  // ends at 0
            expect_refused(verb, pages, last_page, 2 * page());
            expect_refused(verb, pages, last_page, page());
        }
    }
    EXPECT_TRUE(all_are(pages.bytes(), 0x5a));
}

TEST(Ranges, OfHintsNeedNotBeWholePages) {
    ReadWrite pages = filled(4);
    for (const Verb& verb : hints()) {
        EXPECT_TRUE(verb.try_call(pages, 1, pages.size() - 2)) << verb.name;
    }
    EXPECT_TRUE(all_are(pages.bytes(), 0x5a));
}

TEST(Ranges, OfWhatDestroysAreWholePages) {
    ReadWrite pages = filled(4);
    for (const Verb& verb : destroyers()) {
        expect_refused(verb, pages, 1, page());
        expect_refused(verb, pages, 0, page() - 1);
        expect_refused(verb, pages, page(), page() + 1);
        expect_refused(verb, pages, 1, pages.size() - 1);
        expect_refused(verb, pages, 1, ReadWrite::to_end);
    }
    EXPECT_TRUE(all_are(pages.bytes(), 0x5a));
    EXPECT_EQ(resident_pages(pages, 0, 4), 4U);
}

TEST(Ranges, ReachToTheEndUnlessToldOtherwise) {
    ReadWrite decommitted = filled(4);
    decommitted.decommit(page());
    EXPECT_EQ(resident_pages(decommitted, 0, 1), 1U);
    EXPECT_EQ(resident_pages(decommitted, 1, 3), 0U);

    ReadWrite zeroed = filled(4);
    zeroed.zero(page());
    EXPECT_TRUE(all_are(zeroed.bytes().first(page()), 0x5a));
    EXPECT_TRUE(all_are(zeroed.bytes().subspan(page()), 0));
}

}  // namespace
}  // namespace memory_pages
