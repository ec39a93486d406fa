// SPDX-License-Identifier: MIT
#include <memory_pages/exec.hpp>
#include <memory_pages/feature.hpp>
#include <memory_pages/guarded_pages.hpp>
#include <memory_pages/page_size.hpp>
#include <memory_pages/unsafe_write_exec.hpp>

#include "support/checks.hpp"
#include "support/enumerators.hpp"
#include "support/fails.hpp"
#include "support/machine_code.hpp"
#include "support/probe.hpp"
#include "support/process.hpp"
#include "support/rounds.hpp"
#include "support/system_calls.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <utility>
#include <vector>

namespace memory_pages {
namespace {

using ReadWrite = GuardedPages<AllowRead, AllowWrite, DenyExec>;
using ReadOnly = GuardedPages<AllowRead, DenyWrite, DenyExec>;
using NoAccess = GuardedPages<DenyRead, DenyWrite, DenyExec>;

constexpr std::size_t largest = std::numeric_limits<std::size_t>::max();
constexpr std::uint8_t sample = 0x5a;

std::size_t page() { return probe::page_size(); }

/// The signal that ends a process which reads this byte.
int signal_of_reading(const std::uint8_t* byte) {
    return process::run_apart([byte] { (void)*static_cast<const volatile std::uint8_t*>(byte); })
        .signal;
}
int signal_of_writing(std::uint8_t* byte) {
    return process::run_apart([byte] { *static_cast<volatile std::uint8_t*>(byte) = sample; })
        .signal;
}

/// Whether none of these bytes can be accessed, tested without a fault.
bool are_out_of_reach(const std::uint8_t* first, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; i += page() / 2) {
        if (probe::can_read(first + i) || probe::can_write(const_cast<std::uint8_t*>(first + i))) {
            return false;
        }
    }
    return bytes == 0 || !probe::can_read(first + bytes - 1);
}

/// Whether nothing is mapped at these addresses.
bool is_free(const std::uint8_t* first, std::size_t bytes) {
    auto* const base = const_cast<std::uint8_t*>(first);
    if (!system_calls::reserve_at(base, bytes)) {
        return false;
    }
    system_calls::unmap(base, bytes);
    return true;
}

/// Resident pages filled with a sample.
ReadWrite filled(std::size_t pages, GuardOptions guards = {}) {
    ReadWrite all(pages * page(), guards);
    std::ranges::fill(all, sample);
    return all;
}

bool all_are(std::span<const std::uint8_t> bytes, std::uint8_t value) {
    return std::ranges::all_of(bytes, [value](std::uint8_t byte) { return byte == value; });
}

std::size_t resident_pages(const ReadWrite& pages) {
    return probe::resident_bytes(pages.data(), pages.size()) / page();
}

// -- guards around pages --------------------------------------------------------------------------

TEST(GuardedPages, FaultWhenOverrunByAByte) {
    ReadWrite pages(1);
    EXPECT_EQ(pages.size(), page());
    EXPECT_EQ(signal_of_reading(pages.data() + page()), SIGSEGV);
    EXPECT_EQ(signal_of_writing(pages.data() + page()), SIGSEGV);
    EXPECT_EQ(signal_of_reading(pages.data() - 1), SIGSEGV);
    EXPECT_EQ(signal_of_writing(pages.data() - 1), SIGSEGV);
    EXPECT_EQ(signal_of_writing(pages.data() + page() - 1), 0);
}

TEST(GuardedPages, ReadZeroAndAreUsableFromEndToEnd) {
    ReadWrite pages(3 * page() - 1);
    EXPECT_EQ(pages.size(), 3 * page());
    EXPECT_TRUE(all_are(pages.bytes(), 0));
    std::ranges::fill(pages, sample);
    EXPECT_TRUE(all_are(pages.bytes(), sample));
}

// Pitfall: guard-range-foreign
TEST(GuardedPages, HaveGuardsOfTheRequestedSize) {
    const auto leave_nothing_mapped = [] {
        const std::size_t before = probe::address_space_bytes();
        bool take_addresses = false;
        const std::uint8_t* first = nullptr;
        {
            const ReadWrite pages(page(), {.before = 4 * page(), .after = 40 * page() + 1});
            EXPECT_TRUE(are_out_of_reach(pages.data() - 4 * page(), 4 * page()));
            EXPECT_TRUE(are_out_of_reach(pages.data() + page(), 41 * page()));
            take_addresses = probe::address_space_bytes() >= before + 46 * page();
            EXPECT_LE(probe::resident_bytes(pages.data() - 4 * page(), 46 * page()), 0U);
            EXPECT_FALSE(probe::is_charged(pages.data() - 1));
            EXPECT_FALSE(probe::is_charged(pages.data() + page()));
            first = pages.data() - 4 * page();
        }
        return take_addresses && is_free(first, 46 * page());
    };
    EXPECT_TRUE(rounds::one_succeeds(leave_nothing_mapped));
}

TEST(GuardedPages, CanHaveNoGuards) {
    ReadWrite pages(page(), {.before = 0, .after = 0});
    pages[0] = 1;
    pages[page() - 1] = 1;
    const ReadWrite behind(page(), {.before = 0, .after = 1});
    EXPECT_FALSE(probe::can_read(behind.data() + page()));
}

TEST(GuardedPages, RefuseSizesThatFitNowhere) {
    EXPECT_EQ(ReadWrite::try_new(0).error(), std::errc::invalid_argument);
    EXPECT_FAILS(ReadWrite(0), std::errc::invalid_argument);
    for (const std::size_t bytes : {largest, largest / 2 + 1, largest - 8 * page()}) {
        EXPECT_EQ(ReadWrite::try_new(bytes).error(), std::errc::not_enough_memory);
        EXPECT_EQ(ReadWrite::try_new(1, {.before = bytes}).error(), std::errc::not_enough_memory);
        EXPECT_EQ(ReadWrite::try_new(1, {.after = bytes}).error(), std::errc::not_enough_memory);
        EXPECT_FAILS(ReadWrite(1, {.after = bytes}), std::errc::not_enough_memory);
    }
}

// Pitfall: protect-removes-guards
TEST(GuardedPages, KeepContentsAndGuardsInEveryTransition) {
    ReadWrite pages = filled(4);
    pages.guard(page(), page());
    const std::uint8_t* const first = pages.data();
    const auto guards_hold = [first] {
        return are_out_of_reach(first - page(), page()) &&
               are_out_of_reach(first + page(), page()) &&
               are_out_of_reach(first + 4 * page(), page());
    };
    ReadOnly frozen = std::move(pages).deny_write();
    EXPECT_TRUE(guards_hold());
    EXPECT_FALSE(probe::can_write(const_cast<std::uint8_t*>(first)));
    EXPECT_FALSE(probe::can_write(const_cast<std::uint8_t*>(first + 3 * page())));
    EXPECT_TRUE(all_are(frozen.bytes().first(page()), sample));
    EXPECT_TRUE(all_are(frozen.bytes().subspan(2 * page()), sample));
    NoAccess none = std::move(frozen).deny_read();
    EXPECT_TRUE(are_out_of_reach(first, 4 * page()));
    auto code = std::move(none).allow_read().allow_exec();
    EXPECT_TRUE(guards_hold());
    ReadWrite again = std::move(code).allow_write_no_exec();
    EXPECT_TRUE(guards_hold());
    EXPECT_TRUE(again.is_guarded(page()));
    again.unguard(page(), page());
    again[page()] = 1;
    EXPECT_TRUE(all_are(again.bytes().first(page()), sample));
    EXPECT_TRUE(all_are(again.bytes().subspan(2 * page()), sample));
}

TEST(GuardedPages, ReturnAfterAnyChangeMadeWhileTheyWereGuards) {
    ReadWrite pages = filled(3);
    pages.guard(page(), page());
    auto code = std::move(pages).set_protected_exec();
    auto thawed = std::move(code).allow_write_no_exec();
    thawed.unguard(page(), page());
    auto frozen = std::move(thawed).deny_write();
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_TRUE(probe::can_read(frozen.get_ptr(i * page())));
        EXPECT_FALSE(probe::can_write(const_cast<std::uint8_t*>(frozen.get_ptr(i * page()))));
    }
    if (!is_supported(Feature::becoming_write_exec)) {
        return;
    }
    // Becomes writable and executable with a guard inside, and back.
    auto again = std::move(frozen).allow_write();
    again.guard(page(), page());
    auto patchable = std::move(again).allow_exec();
    patchable.unguard(page(), page());
    patchable.write_at(page(), machine_code::constant(7));
    patchable.publish(page(), page());
    EXPECT_EQ(patchable.get_fn<std::uint32_t()>(page())(), 7U);
}

TEST(GuardedPages, RunCodeBesideGuards) {
    ReadWrite pages(3 * page());
    pages.write_at(64, machine_code::constant(5));
    pages.write_at(2 * page() + 64, machine_code::constant(6));
    pages.guard(page(), page());
    const auto code = std::move(pages).set_protected_exec();
    EXPECT_EQ(code.get_fn<std::uint32_t()>(64)(), 5U);
    EXPECT_EQ(code.get_fn<std::uint32_t()>(2 * page() + 64)(), 6U);
}

TEST(GuardedPages, AreUnmappedOnceByTheirLastOwner) {
    const std::uint8_t* first = nullptr;
    {
        ReadWrite pages = filled(2);
        pages.guard(0, page());
        ReadWrite taken = std::move(pages);
        EXPECT_TRUE(taken.is_guarded(0));
        EXPECT_FALSE(taken.is_guarded(page()));
        ReadWrite other = filled(1);
        other.swap(taken);
        EXPECT_EQ(other.size(), 2 * page());
        EXPECT_TRUE(other.is_guarded(0));
        EXPECT_FALSE(taken.is_guarded(0));
        taken = std::move(other);
        EXPECT_TRUE(taken.is_guarded(0));
        EXPECT_EQ(taken[page()], sample);
        first = taken.data();
    }
    EXPECT_FALSE(probe::holds(first + page(), sample));
}

// -- guards inside --------------------------------------------------------------------------------

TEST(GuardsInside, FaultUntilRemoved) {
    ReadWrite pages = filled(3);
    EXPECT_FALSE(pages.is_guarded(page()));
    pages.guard(page(), page());
    EXPECT_EQ(signal_of_reading(pages.data() + page()), SIGSEGV);
    EXPECT_EQ(signal_of_writing(pages.data() + 2 * page() - 1), SIGSEGV);
    EXPECT_EQ(signal_of_writing(pages.data() + page() - 1), 0);
    EXPECT_EQ(signal_of_writing(pages.data() + 2 * page()), 0);
    for (std::size_t i = 0; i < 3 * page(); i += page() / 2) {
        EXPECT_EQ(pages.is_guarded(i), i / page() == 1);
    }
    EXPECT_TRUE(all_are(pages.bytes().first(page()), sample));
    EXPECT_TRUE(all_are(pages.bytes().subspan(2 * page()), sample));
    pages.unguard(page(), page());
    EXPECT_FALSE(pages.is_guarded(page()));
    std::ranges::fill(pages, std::uint8_t{1});
    EXPECT_TRUE(all_are(pages.bytes(), 1));
}

// Pitfall: guard-keeps-memory
TEST(GuardsInside, ReturnTheirMemoryToTheSystem) {
    ReadWrite pages = filled(64);
    ASSERT_EQ(resident_pages(pages), 64U);
    pages.guard(page(), 62 * page());
    EXPECT_EQ(resident_pages(pages), 2U);
    pages.unguard(page(), 62 * page());
    EXPECT_EQ(resident_pages(pages), 2U);
}

TEST(GuardsInside, MustBeWholePagesWithinThePages) {
    ReadWrite pages = filled(4);
    const auto expect_refused = [&](std::size_t offset, std::size_t bytes) {
        EXPECT_EQ(pages.try_guard(offset, bytes).error(), std::errc::invalid_argument);
        EXPECT_EQ(pages.try_unguard(offset, bytes).error(), std::errc::invalid_argument);
        EXPECT_FAILS(pages.guard(offset, bytes), std::errc::invalid_argument);
        EXPECT_FAILS(pages.unguard(offset, bytes), std::errc::invalid_argument);
    };
    for (int round = 0; round < 2; ++round) {
        expect_refused(1, page());
        expect_refused(0, page() - 1);
        expect_refused(0, 5 * page());
        expect_refused(4 * page(), page());
        expect_refused(page(), largest - page() + 1);
        expect_refused(largest - page() + 1, page());
        EXPECT_TRUE(all_are(pages.bytes().first(page()), sample));
        EXPECT_EQ(pages.is_guarded(3 * page()), round == 1);
        pages.guard(3 * page(), page());
    }
    EXPECT_TRUE(pages.try_guard(0, 0));
    EXPECT_TRUE(pages.try_guard(4 * page(), 0));
    EXPECT_TRUE(pages.try_unguard(4 * page(), 0));
    EXPECT_FALSE(pages.is_guarded(0));
}

TEST(GuardsInside, CanBeMadeTwice) {
    ReadWrite pages = filled(6);
    EXPECT_TRUE(pages.try_unguard(0, 6 * page()));
    pages.guard(page(), page());
    pages.guard(3 * page(), page());
    pages.guard(0, 5 * page());
    EXPECT_TRUE(are_out_of_reach(pages.data(), 5 * page()));
    EXPECT_TRUE(all_are(pages.bytes().subspan(5 * page()), sample));
    pages.unguard(2 * page(), page());
    pages.unguard(page(), 3 * page());
    for (std::size_t i = 0; i < 6; ++i) {
        EXPECT_EQ(pages.is_guarded(i * page()), i == 0 || i == 4);
        EXPECT_EQ(probe::can_write(pages.data() + i * page()), i != 0 && i != 4);
    }
    pages.unguard(0, 6 * page());
    std::ranges::fill(pages, std::uint8_t{1});
}

TEST(GuardsInside, CanCoverAllPages) {
    ReadWrite pages = filled(4);
    pages.guard(0, 4 * page());
    EXPECT_TRUE(are_out_of_reach(pages.data() - page(), 6 * page()));
    pages.zero();
    pages.decommit();
    pages.populate();
    ReadOnly frozen = std::move(pages).deny_write();
    EXPECT_TRUE(are_out_of_reach(frozen.data() - page(), 6 * page()));
}

/// Pages with a guard in the middle, which is still there after a verb.
class VerbsOverGuards : public testing::Test {
protected:
    VerbsOverGuards() { pages_.guard(2 * page(), page()); }

    void TearDown() override {
        EXPECT_TRUE(pages_.is_guarded(2 * page()));
        EXPECT_TRUE(are_out_of_reach(guard(), page()));
        EXPECT_TRUE(all_are(pages_.bytes().first(page()), sample)) << "outside of the range";
        EXPECT_TRUE(all_are(pages_.bytes().last(page()), sample)) << "outside of the range";
    }

    [[nodiscard]] const std::uint8_t* guard() const { return pages_.data() + 2 * page(); }
    [[nodiscard]] bool neighbours_are(std::uint8_t value) const {
        return all_are(pages_.bytes().subspan(page(), page()), value) &&
               all_are(pages_.bytes().subspan(3 * page(), page()), value);
    }

    ReadWrite pages_ = filled(5);
};

// Pitfall: verb-over-guard
TEST_F(VerbsOverGuards, ZeroClearsTheOtherPages) {
    pages_.zero(page(), 3 * page());
    EXPECT_TRUE(neighbours_are(0));
}

// Pitfall: verb-over-guard
TEST_F(VerbsOverGuards, ZeroClearsManyOtherPages) {
    ReadWrite many = filled(100);
    many.guard(50 * page(), page());
    many.zero(page(), 98 * page());
    EXPECT_TRUE(all_are(many.bytes().subspan(page(), 49 * page()), 0));
    EXPECT_TRUE(all_are(many.bytes().subspan(51 * page(), 48 * page()), 0));
    EXPECT_EQ(many[0], sample);
    EXPECT_EQ(many[99 * page()], sample);
    EXPECT_TRUE(are_out_of_reach(many.data() + 50 * page(), page()));
}

// Pitfall: verb-over-guard
TEST_F(VerbsOverGuards, DecommitFreesTheOtherPages) {
    pages_.decommit(page(), 3 * page());
    EXPECT_EQ(resident_pages(pages_), 2U);
    std::ranges::fill(pages_.bytes().subspan(page(), page()), std::uint8_t{1});
    std::ranges::fill(pages_.bytes().subspan(3 * page(), page()), std::uint8_t{1});
    EXPECT_TRUE(neighbours_are(1));
}

// Pitfall: verb-over-guard
TEST_F(VerbsOverGuards, DecommitOfManyRangesFreesTheOtherPages) {
    const std::array ranges = {ByteRange{page(), 2 * page()}, ByteRange{2 * page(), 2 * page()}};
    pages_.decommit(ranges);
    EXPECT_EQ(resident_pages(pages_), 2U);
}

// Pitfall: verb-over-guard
TEST_F(VerbsOverGuards, DiscardKeepsTheOtherPagesUsable) {
    const std::array ranges = {ByteRange{page(), page()}, ByteRange{2 * page(), 2 * page()}};
    pages_.discard(ranges);
    pages_.discard(page(), 3 * page());
    std::ranges::fill(pages_.bytes().subspan(page(), page()), std::uint8_t{1});
    std::ranges::fill(pages_.bytes().subspan(3 * page(), page()), std::uint8_t{1});
    EXPECT_TRUE(neighbours_are(1));
}

// Pitfall: verb-over-guard
TEST_F(VerbsOverGuards, PopulateMakesTheOtherPagesResident) {
    pages_.decommit(page(), 3 * page());
    pages_.populate(page(), 3 * page());
    if (probe::advice_acts()) {
        EXPECT_EQ(resident_pages(pages_), 4U);
    }
    EXPECT_TRUE(pages_.try_populate(2 * page() - 1, 2)) << "a page and a guard";
    EXPECT_TRUE(pages_.try_populate(2 * page() + 1, 1)) << "nothing but a guard";
}

// Pitfall: verb-over-guard
TEST_F(VerbsOverGuards, HintsReachTheOtherPages) {
    for (const Advice advice : enumerators::every<Advice>) {
        pages_.advise(advice);
        pages_.advise(advice, 2 * page() - 1, 2);
        pages_.advise(advice, std::array{ByteRange{1, 3 * page()}, ByteRange{2 * page(), 1}});
    }
    EXPECT_TRUE(neighbours_are(sample));
}

// Pitfall: verb-over-guard
TEST_F(VerbsOverGuards, CollapseBuildsHugePagesOfTheOtherPages) {
    const Result<void> done = pages_.try_collapse();
    EXPECT_TRUE(done || done.error() == std::errc::operation_not_supported) << done.error();
    EXPECT_TRUE(neighbours_are(sample));
    const std::size_t huge = huge_page_size();
    if (!is_supported(Feature::collapsing) || huge == 0) {
        return;
    }
    // Room for two huge pages, one with a guard inside.
    ReadWrite large = filled(3 * huge / page());
    const std::size_t second =
        (huge - reinterpret_cast<std::uintptr_t>(large.data()) % huge) % huge + huge;
    large.guard(second - huge + page(), page());
    EXPECT_TRUE(large.try_collapse(second - huge, 2 * huge));
    EXPECT_TRUE(are_out_of_reach(large.data() + second - huge + page(), page()));
    EXPECT_TRUE(all_are(large.bytes().subspan(second - huge + 2 * page()), sample));
}

// Pitfall: verb-over-guard
TEST_F(VerbsOverGuards, AcceptTheSameRangesAsWithoutGuards) {
    for (const ByteRange wrong : {ByteRange{1, page()}, ByteRange{page(), 2 * page() - 1},
                                  ByteRange{2 * page() + 1, 1}, ByteRange{4 * page(), 2 * page()},
                                  ByteRange{page(), largest - page() + 1}, ByteRange{largest, 1}}) {
        const std::array ranges = {ByteRange{page(), page()}, wrong};
        EXPECT_EQ(pages_.try_zero(wrong.offset, wrong.bytes).error(), std::errc::invalid_argument);
        EXPECT_EQ(pages_.try_decommit(wrong.offset, wrong.bytes).error(),
                  std::errc::invalid_argument);
        EXPECT_EQ(pages_.try_discard(wrong.offset, wrong.bytes).error(),
                  std::errc::invalid_argument);
        EXPECT_EQ(pages_.try_decommit(ranges).error(), std::errc::invalid_argument);
        EXPECT_EQ(pages_.try_discard(ranges).error(), std::errc::invalid_argument);
    }
    for (const ByteRange wrong : {ByteRange{4 * page(), 2 * page()}, ByteRange{largest, 1}}) {
        EXPECT_EQ(pages_.try_populate(wrong.offset, wrong.bytes).error(),
                  std::errc::invalid_argument);
        EXPECT_EQ(pages_.try_advise(Advice::random, wrong.offset, wrong.bytes).error(),
                  std::errc::invalid_argument);
        EXPECT_EQ(pages_.try_collapse(wrong.offset, wrong.bytes).error(),
                  std::errc::invalid_argument);
    }
    EXPECT_TRUE(neighbours_are(sample));
}

// Pitfall: verb-over-guard
// Pitfall: flush-over-guard
TEST_F(VerbsOverGuards, PublishReachesTheOtherPages) {
    if (!is_supported(Feature::becoming_write_exec)) {
        GTEST_SKIP() << "no pages become writable and executable here";
    }
    auto patchable = filled(3).allow_exec();
    patchable.guard(page(), page());
    EXPECT_EQ(patchable.try_publish(1, 3 * page() - 1).has_value(),
              is_supported(Feature::publishing));
    EXPECT_TRUE(patchable.try_publish(page() + 1, 1)) << "nothing but a guard";
}

TEST(GuardsInside, MatchAModelAfterRandomCalls) {
    constexpr std::size_t count = 130;
    std::mt19937 random(7);
    ReadWrite pages = filled(count);
    std::vector<bool> model(count, false);
    const auto number_below = [&](std::size_t bound) { return random() % bound; };
    for (int step = 0; step < 200; ++step) {
        const std::size_t first = number_below(count);
        const std::size_t some = number_below(count - first + 1);
        const std::size_t offset = first * page();
        const std::size_t bytes = some * page();
        switch (number_below(7)) {
            case 0:
            case 1:
                pages.guard(offset, bytes);
                std::fill_n(model.begin() + static_cast<std::ptrdiff_t>(first), some, true);
                break;
            case 2:
            case 3:
                pages.unguard(offset, bytes);
                std::fill_n(model.begin() + static_cast<std::ptrdiff_t>(first), some, false);
                break;
            case 4:
                pages.decommit(offset, bytes);
                break;
            case 5:
                pages = std::move(pages).deny_write().allow_exec().allow_write_no_exec();
                break;
            default:
                pages.zero(offset, bytes);
        }
        for (std::size_t i = 0; i < count; ++i) {
            ASSERT_EQ(pages.is_guarded(i * page()), model[i]) << step;
            ASSERT_EQ(probe::can_write(pages.data() + i * page()), !model[i]) << step;
        }
    }
}

// -- contracts ------------------------------------------------------------------------------------

using checks::BorrowCheck;
using checks::Contract;

TEST_F(Contract, MovedFromGuardedPagesCannotMakeSystemCalls) {
    ReadWrite pages(page());
    EXPECT_DEATH((void)pages.is_guarded(page()), "GuardedPages::is_guarded: index .* is outside");
    checks::take_from(pages);
    EXPECT_DEATH((void)pages.is_guarded(0), "GuardedPages::is_guarded: index 0 is outside 0");
    EXPECT_DEATH(pages.guard(0, page()),
                 "GuardedPages::guard: there are no pages: empty, or moved from");
    EXPECT_DEATH((void)pages.try_unguard(0, page()), "GuardedPages::unguard: .* moved from");
    EXPECT_EQ(pages.size(), 0U);
}

TEST_F(BorrowCheck, StopsGuards) {
    ReadWrite pages(page());
    const auto lend = [&](auto act) { pages.write([&](std::span<std::uint8_t>) { act(); }); };
    EXPECT_DEATH(lend([&] { pages.guard(0, page()); }), "memory_pages: GuardedPages::guard: ");
    pages.guard(0, page());
    EXPECT_DEATH(lend([&] { (void)std::move(pages).deny_write(); }), checks::still_borrowed);
    EXPECT_DEATH(lend([&] { checks::take_from(pages); }),
                 "memory_pages: GuardedPages::~GuardedPages: ");
}

}  // namespace
}  // namespace memory_pages
