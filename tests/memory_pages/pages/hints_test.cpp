// SPDX-License-Identifier: MIT
// Hints on the use of pages, and making them resident.
#include <memory_pages/pages.hpp>

#include "support/checks.hpp"
#include "support/enumerators.hpp"
#include "support/probe.hpp"
#include "support/threads.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using ReadOnly = Pages<AllowRead, DenyWrite, DenyExec>;
using WriteOnly = Pages<DenyRead, AllowWrite, DenyExec>;

std::size_t page() { return probe::page_size(); }

/// The resident bytes of some of the pages.
std::size_t resident_pages(const ReadWrite& pages, std::size_t first, std::size_t count) {
    return probe::resident_bytes(pages.data() + first * page(), count * page()) / page();
}

// Pitfall: advice-as-bits
TEST(Hints, NeverChangeContents) {
    ReadWrite filled(8 * page());
    std::ranges::fill(filled, std::uint8_t{0x5a});
    const ReadWrite pages = std::move(filled);
    pages.advise_use_soon();
    pages.advise_use_seq();
    pages.advise_use_rnd();
    for (const Advice advice : enumerators::every<Advice>) {
        pages.advise(advice);
        pages.advise(advice, page() + 1, 5);
    }
    pages.populate();
    pages.advise_use_soon(page() + 1, 5);
    pages.advise_use_seq(page() + 1, 5);
    pages.advise_use_rnd(page() + 1, 5);
    pages.populate(page() + 1, 5);
    EXPECT_EQ(std::ranges::count(pages, 0x5a), static_cast<std::ptrdiff_t>(pages.size()));
}

TEST(Hints, WorkWithAnyPermissions) {
    const Pages<DenyRead, DenyWrite, DenyExec> none(page());
    EXPECT_TRUE(none.try_advise(Advice::use_soon));
    const ReadOnly read_only(page());
    EXPECT_TRUE(read_only.try_advise(Advice::sequential));
    const WriteOnly write_only(page());
    EXPECT_TRUE(write_only.try_advise(Advice::random));
}

TEST(Hints, ReachEveryTouchedPage) {
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

// Pitfall: populate-writes
TEST(Threads, CanGiveHintsWhileOthersWrite) {
    ReadWrite pages(64 * probe::page_size());
    const std::size_t share = pages.size() / threads::count;
    std::uint8_t* const first = pages.data();
    threads::run([&pages, first, share](int i) {
        std::fill_n(first + static_cast<std::size_t>(i) * share, share, std::uint8_t{1});
        EXPECT_TRUE(std::as_const(pages).try_populate());
        EXPECT_TRUE(std::as_const(pages).try_advise(Advice::random));
    });
    EXPECT_EQ(std::ranges::count(pages, 1), static_cast<std::ptrdiff_t>(pages.size()));
}

// -- populate -------------------------------------------------------------------------------------

class Populate : public testing::Test {
protected:
    void SetUp() override {
        if (!probe::advice_acts()) {
            GTEST_SKIP() << "an emulator takes all advice, and does nothing";
        }
    }
};

TEST_F(Populate, MakesOnlyTouchedPagesResident) {
    const ReadWrite pages(6 * page());
    pages.populate(3 * page() - 1, 2);
    EXPECT_EQ(resident_pages(pages, 0, 2), 0U);
    EXPECT_EQ(resident_pages(pages, 2, 2), 2U);
    EXPECT_EQ(resident_pages(pages, 4, 2), 0U);
}

TEST_F(Populate, ReachesToTheEndByDefault) {
    const ReadWrite pages(4 * page());
    pages.populate(page());
    EXPECT_EQ(resident_pages(pages, 0, 1), 0U);
    EXPECT_EQ(resident_pages(pages, 1, 3), 3U);
}

TEST_F(Populate, LeavesNoPageFaults) {
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

TEST_F(Populate, WorksOnReadOnlyAndWriteOnlyPages) {
    const ReadOnly read_only(4 * page());
    read_only.populate();
    EXPECT_EQ(probe::resident_bytes(read_only.data(), read_only.size()), read_only.size());

    WriteOnly write_only(4 * page());
    write_only.populate();
    EXPECT_EQ(probe::resident_bytes(write_only.get_ptr_mut(), write_only.size()),
              write_only.size());
}

using checks::Contract;

TEST_F(Contract, MovedFromPagesTakeNoHints) {
    ReadWrite pages(page());
    checks::take_from(pages);
    EXPECT_DEATH(pages.advise_use_soon(),
                 "Pages::advise: there are no pages: empty, or moved from");
    EXPECT_DEATH(pages.populate(), "Pages::populate: there are no pages: empty, or moved from");
}

}  // namespace
}  // namespace memory_pages
