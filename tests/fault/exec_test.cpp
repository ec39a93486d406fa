// SPDX-License-Identifier: MIT
// Permissions and execution when the system refuses: every change of every type of pages.

#include "machines.hpp"
#include "support/every_pages.hpp"
#include "support/fails.hpp"
#include "support/fragile.hpp"

#include <memory_pages/guarded_pages.hpp>
#include <memory_pages/page_pool.hpp>
#include <memory_pages/reservation.hpp>
#include <memory_pages/unsafe_write_exec.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace {

using namespace memory_pages;
using every_pages::Of;
using fake::Access;
using fake::Verb;

// The two forms of each change.
struct AllowReadDoors {
    static auto tried(auto pages) { return std::move(pages).try_allow_read(); }
    static auto throwing(auto& pages) { return std::move(pages).allow_read(); }
};
struct DenyReadDoors {
    static auto tried(auto pages) { return std::move(pages).try_deny_read(); }
    static auto throwing(auto& pages) { return std::move(pages).deny_read(); }
};
struct AllowWriteDoors {
    static auto tried(auto pages) { return std::move(pages).try_allow_write(); }
    static auto throwing(auto& pages) { return std::move(pages).allow_write(); }
};
struct DenyWriteDoors {
    static auto tried(auto pages) { return std::move(pages).try_deny_write(); }
    static auto throwing(auto& pages) { return std::move(pages).deny_write(); }
};
struct AllowWriteNoExecDoors {
    static auto tried(auto pages) { return std::move(pages).try_allow_write_no_exec(); }
    static auto throwing(auto& pages) { return std::move(pages).allow_write_no_exec(); }
};
struct AllowExecDoors {
    static auto tried(auto pages) { return std::move(pages).try_allow_exec(); }
    static auto throwing(auto& pages) { return std::move(pages).allow_exec(); }
};
struct DenyExecDoors {
    static auto tried(auto pages) { return std::move(pages).try_deny_exec(); }
    static auto throwing(auto& pages) { return std::move(pages).deny_exec(); }
};
struct SetProtectedExecDoors {
    static auto tried(auto pages) { return std::move(pages).try_set_protected_exec(); }
    static auto throwing(auto& pages) { return std::move(pages).set_protected_exec(); }
};

template <class P>
constexpr Access access_of =
    (Of<P>::read ? Access::read : Access::none) | (Of<P>::write ? Access::write : Access::none) |
    (Of<P>::exec ? Access::exec : Access::none);

/// Whether pages may hold code that was not published yet.
constexpr bool holds_new_code(Access from, Access to) {
    return allows(to, Access::exec) && (!allows(from, Access::exec) || allows(from, Access::write));
}

std::vector<std::uint8_t> contents() {
    std::vector<std::uint8_t> bytes(3 * fake::every_machine[0].page_size);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<std::uint8_t>(i % 253);
    }
    return bytes;
}

template <class P>
class FaultyTransition : public testing::Test {
protected:
    FaultyTransition() { fake::boot(); }
    ~FaultyTransition() override { EXPECT_EQ(fake::areas_left(), 0U); }
};
TYPED_TEST_SUITE(FaultyTransition, every_pages::Types, every_pages::Names);

/// Calls `check` with both forms of each change.
void for_each_change(auto check) {
    check(AllowReadDoors());
    check(DenyReadDoors());
    check(AllowWriteDoors());
    check(DenyWriteDoors());
    check(AllowWriteNoExecDoors());
    check(AllowExecDoors());
    check(DenyExecDoors());
    check(SetProtectedExecDoors());
}

// Pitfall: protect-costs-calls
// Pitfall: stale-instructions
TYPED_TEST(FaultyTransition, PublishesCodeOnlyOnTheWayToExecutable) {
    for_each_change([]<class Doors>(Doors) {
        auto made = every_pages::holding<TypeParam>(contents());
        const std::size_t size = made.pages.size();
        fake::forget_calls();
        auto changed = Doors::tried(std::move(made.pages));
        ASSERT_TRUE(changed);
        constexpr Access from = access_of<TypeParam>;
        constexpr Access to = access_of<std::remove_cvref_t<decltype(*changed)>>;
        EXPECT_TRUE(fake::is_all(made.address, size, to));
        if constexpr (from == to) {
            EXPECT_TRUE(fake::calls().empty()) << "nothing to do";
        } else {
            ASSERT_EQ(fake::calls().size(), 1U);
            EXPECT_EQ(fake::calls()[0].verb,
                      holds_new_code(from, to) ? Verb::make_executable : Verb::protect);
            EXPECT_EQ(fake::calls()[0].bytes, size);
        }
        EXPECT_TRUE(every_pages::hold(std::move(*changed), contents()));
    });
}

// There is no other way: executable pages do not resize, and released pages are the program's
// responsibility until they are adopted.
TYPED_TEST(FaultyTransition, IsTheOnlyWayToExecutable) {
    const std::size_t size = contents().size();
    TypeParam pages(size);
    ASSERT_EQ(fake::calls().size(), 1U);
    EXPECT_EQ(fake::calls()[0].verb, Verb::map) << "zeros are no code";
    EXPECT_EQ(fake::calls()[0].access, access_of<TypeParam>);
    fake::forget_calls();
    TypeParam moved = std::move(pages);
    TypeParam adopted = TypeParam::adopt(std::move(moved).release());
    EXPECT_EQ(adopted.size(), size);
    EXPECT_TRUE(fake::calls().empty());
}

// Pitfall: half-protect
TYPED_TEST(FaultyTransition, ReturnsThePagesUnchanged) {
    for_each_change([]<class Doors>(Doors) {
        for (const bool is_halfway : {false, true}) {
            auto made = every_pages::holding<TypeParam>(contents());
            const std::size_t size = made.pages.size();
            fake::fail({.error = PageError::map_count_limit, .is_halfway = is_halfway});
            auto changed = Doors::tried(std::move(made.pages));
            const bool refused = fake::stop_failing().has_value();
            constexpr bool is_change = !std::is_same_v<decltype(*changed), TypeParam&>;
            EXPECT_EQ(refused, is_change);
            if (refused) {
                ASSERT_FALSE(changed);
                EXPECT_EQ(changed.error().error, PageError::map_count_limit);
                EXPECT_EQ(changed.error().pages.size(), size);
                EXPECT_TRUE(fake::is_all(made.address, size, access_of<TypeParam>));
                EXPECT_TRUE(every_pages::hold(std::move(changed.error().pages), contents()));
            }
        }
    });
}

// Pitfall: protect-error-lost
TYPED_TEST(FaultyTransition, ThrowsAndLeavesThePagesUnchanged) {
    for_each_change([]<class Doors>(Doors) {
        auto made = every_pages::holding<TypeParam>(contents());
        using To = decltype(Doors::throwing(made.pages));
        if constexpr (!std::is_same_v<To, TypeParam>) {
            const std::size_t size = made.pages.size();
            fake::fail({.error = PageError::map_count_limit, .is_halfway = true});
            EXPECT_FAILS(Doors::throwing(made.pages), PageError::map_count_limit);
            fake::stop_failing();
            EXPECT_EQ(made.pages.size(), size);
            EXPECT_TRUE(fake::is_all(made.address, size, access_of<TypeParam>));
            EXPECT_TRUE(every_pages::hold(std::move(made.pages), contents()));
        }
    });
}

// -- publish --------------------------------------------------------------------------------------

using Unsafe = Pages<AllowRead, AllowWrite, AllowExec>;

class FaultyPublish : public fake::EveryMachine {};
INSTANTIATE_TEST_SUITE_P(, FaultyPublish, testing::ValuesIn(fake::every_machine),
                         fake::name_of_machine);

TEST_P(FaultyPublish, PassesExactlyTheChangedRange) {
    Unsafe pages(2 * page());
    auto* const base = reinterpret_cast<std::byte*>(pages.data());
    fake::forget_calls();
    pages.publish(3, 5);
    pages.publish();
    pages.publish(7, 0);
    ASSERT_EQ(fake::calls().size(), 2U);
    EXPECT_EQ(fake::calls()[0].verb, Verb::publish);
    EXPECT_EQ(fake::calls()[0].base, base + 3);
    EXPECT_EQ(fake::calls()[0].bytes, 5U);
    EXPECT_EQ(fake::calls()[1].base, base);
    EXPECT_EQ(fake::calls()[1].bytes, 2 * page());
}

TEST_P(FaultyPublish, PassesOnWhetherCodeHasRun) {
    PagePool pool;
    Reservation reservation(page());
    const auto publish = [](auto pages) {
        fake::forget_calls();
        pages.publish(Publish::not_yet_run);
        pages.publish();
        ASSERT_EQ(fake::calls().size(), 2U);
        EXPECT_EQ(fake::calls()[0].code, Publish::not_yet_run);
        EXPECT_EQ(fake::calls()[0].bytes, pages.size());
        EXPECT_EQ(fake::calls()[1].code, Publish::may_have_run);
    };
    publish(Unsafe(page()));
    publish(GuardedPages<AllowRead, AllowWrite, AllowExec>(page()));
    publish(pool.take<AllowRead, AllowWrite, DenyExec>(page()).allow_exec());
    publish(reservation.commit<AllowRead, AllowWrite>(0, page()).allow_exec());
}

TEST_P(FaultyPublish, ReportsRefusals) {
    Unsafe pages(page());
    pages[0] = 0xC3;
    const auto error = std::errc::operation_not_supported;
    fake::fail({.verb = Verb::publish, .error = std::make_error_code(error)});
    EXPECT_EQ(pages.try_publish().error(), error);
    fake::fail({.verb = Verb::publish, .error = std::make_error_code(error)});
    EXPECT_FAILS(pages.publish(), error);
    fake::stop_failing();
    EXPECT_EQ(pages[0], 0xC3);
    EXPECT_EQ(pages.try_publish(page(), 1).error(), std::errc::invalid_argument);
    EXPECT_EQ(pages.try_publish(1, page()).error(), std::errc::invalid_argument);
}

// -- writing what may be run too ------------------------------------------------------------------

class WritingCode : public fake::EveryMachine {
protected:
    Unsafe pages_{1};
};
INSTANTIATE_TEST_SUITE_P(, WritingCode, testing::ValuesIn(fake::every_machine),
                         fake::name_of_machine);

// Pitfall: macos-code-rules
TEST_P(WritingCode, IsAnnouncedForTheTimeOfACall) {
    const bool is_writing = pages_.write([](std::span<std::uint8_t> bytes) {
        bytes[0] = 0xC3;
        return fake::is_writing();
    });
    EXPECT_TRUE(is_writing);
    EXPECT_FALSE(fake::is_writing());
    EXPECT_EQ(fake::times_begun_to_write(), 1U);
}

TEST_P(WritingCode, EndsWithTheOutermostCall) {
    auto others = Pages<DenyRead, AllowWrite, AllowExec>(1);
    pages_.write([&](auto) {
        others.write([&](auto) { pages_.write_at(0, std::array<std::uint8_t, 1>()); });
        EXPECT_TRUE(fake::is_writing());
    });
    EXPECT_FALSE(fake::is_writing());
    EXPECT_EQ(fake::times_begun_to_write(), 1U);
}

TEST_P(WritingCode, EndsWhenACallThrows) {
    const bool breaks = fragile::breaks(1, [this] { pages_.write([](auto) { fragile::step(); }); });
    EXPECT_EQ(breaks, fragile::can_break);
    EXPECT_FALSE(fake::is_writing());
    EXPECT_TRUE(pages_.write([](auto) { return fake::is_writing(); }));
}

TEST_P(WritingCode, IsAnnouncedForCopiesToo) {
    pages_.write_at(0, std::array<std::uint8_t, 1>{0xC3});
    EXPECT_EQ(fake::times_begun_to_write(), 1U);
    EXPECT_FALSE(fake::is_writing());
    EXPECT_EQ(pages_[0], 0xC3);
}

TEST_P(WritingCode, IsNotAnnouncedForReadsAndOtherPages) {
    pages_.read([](auto) { EXPECT_FALSE(fake::is_writing()); });
    auto writable = Pages<AllowRead, AllowWrite, DenyExec>(1);
    writable.write([](auto) { EXPECT_FALSE(fake::is_writing()); });
    writable.write_at(0, std::array<std::uint8_t, 1>());
    EXPECT_EQ(fake::times_begun_to_write(), 0U);
}

}  // namespace
