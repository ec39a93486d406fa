// SPDX-License-Identifier: MIT
#include "contract/contract.hpp"

#include "os/advice.hpp"
#include "os/contents.hpp"
#include "os/guard.hpp"
#include "os/memory.hpp"
#include "os/reserve.hpp"
#include "support/enumerators.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>

namespace {

using namespace contract;

/// Committed pages of a reservation, filled with 5.
class Committed {
public:
    explicit Committed(std::size_t bytes) : reserved_(bytes) {
        EXPECT_TRUE(os::commit(base(), bytes, Access::read_write));
        fill(base(), bytes, 5);
    }

    [[nodiscard]] std::byte* base() const { return reserved_.base(); }

private:
    Reserved reserved_;
};

bool is_out_of_reach(std::byte* base, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; i += page() / 2) {
        if (probe::can_read(base + i) || probe::can_write(base + i)) {
            return false;
        }
    }
    return !probe::can_read(base + bytes - 1);
}

using OsGuard = OsContract;

// Pitfall: page-guard-once
TEST_F(OsGuard, FaultsUntilRemovedAndKeepsNeighbours) {
    const Committed committed(5 * page());
    std::byte* const guards = committed.base() + page();
    for (int round = 0; round < 2; ++round) {
        const os::Result<os::GuardMethod> method =
            os::guard(guards, 3 * page(), Access::read_write);
        ASSERT_TRUE(method);
        EXPECT_TRUE(is_out_of_reach(guards, 3 * page()));
        EXPECT_TRUE(all_are(committed.base(), page(), 5));
        EXPECT_TRUE(all_are(committed.base() + 4 * page(), page(), 5));
        ASSERT_TRUE(os::unguard(guards + page(), page(), Access::read_write, *method));
        EXPECT_TRUE(is_out_of_reach(guards, page()));
        EXPECT_TRUE(is_out_of_reach(guards + 2 * page(), page()));
        fill(guards + page(), page(), 6);
        EXPECT_TRUE(all_are(guards + page(), page(), 6));
        for (const std::size_t rest : {std::size_t{0}, 2 * page()}) {
            ASSERT_TRUE(os::unguard(guards + rest, page(), Access::read_write, *method));
        }
        fill(guards, 3 * page(), 6);
        EXPECT_TRUE(all_are(guards, 3 * page(), 6));
    }
}

// Pitfall: verb-over-guard
TEST_F(OsGuard, KeepsMarkersWhenProtectedGivenBackOrAdvised) {
    const Committed committed(4 * page());
    std::byte* const base = committed.base();
    const os::Result<os::GuardMethod> method = os::guard(base + page(), page(), Access::read_write);
    ASSERT_TRUE(method);
    if (*method != os::GuardMethod::page_table_marker) {
        GTEST_SKIP() << "guards have a protection of their own here";
    }
    const std::array ranges = {os::Range{base, 2 * page()}, os::Range{base + 3 * page(), page()}};
    for (const Access access :
         {Access::none, Access::read, Access::read_exec, Access::read_write}) {
        ASSERT_TRUE(os::protect(base, 4 * page(), access));
        EXPECT_TRUE(is_out_of_reach(base + page(), page())) << static_cast<int>(access);
        EXPECT_EQ(probe::can_read(base), access != Access::none);
    }
    for (const auto verb : {os::decommit, os::discard}) {
        ASSERT_TRUE(verb(base, 4 * page()));
        EXPECT_TRUE(is_out_of_reach(base + page(), page()));
    }
    for (const auto verb : {os::decommit_all, os::discard_all}) {
        ASSERT_TRUE(verb(ranges));
        EXPECT_TRUE(is_out_of_reach(base + page(), page()));
    }
    for (const Advice advice : enumerators::every<Advice>) {
        EXPECT_TRUE(os::advise(base, 4 * page(), advice));
        EXPECT_TRUE(os::advise_all(ranges, advice));
        EXPECT_TRUE(is_out_of_reach(base + page(), page()));
    }
    ASSERT_TRUE(os::protect(base, 4 * page(), Access::read));
    ASSERT_TRUE(os::unguard(base + page(), page(), Access::read, *method));
    EXPECT_TRUE(probe::can_read(base + page()));
    EXPECT_FALSE(probe::can_write(base + page()));
}

TEST_F(OsGuard, AcceptsOtherAccessForInaccessiblePages) {
    const Committed committed(3 * page());
    std::byte* const middle = committed.base() + page();
    ASSERT_TRUE(os::guard(middle, page(), Access::read_write));
    ASSERT_TRUE(os::unguard(middle, page(), Access::read, os::GuardMethod::inaccessible_page));
    EXPECT_TRUE(probe::can_read(middle));
    EXPECT_FALSE(probe::can_write(middle));
    EXPECT_TRUE(probe::can_write(middle - 1));
    EXPECT_TRUE(probe::can_write(middle + page()));
}

using GuardMemory = OsMemory;

// Pitfall: guard-keeps-memory
TEST_F(GuardMemory, IsReturnedToTheSystem) {
    const Committed committed(64 * page());
    ASSERT_EQ(probe::resident_bytes(committed.base(), 64 * page()), 64 * page());
    ASSERT_TRUE(os::guard(committed.base() + page(), 62 * page(), Access::read_write));
    EXPECT_EQ(probe::resident_bytes(committed.base(), 64 * page()), 2 * page());
}

}  // namespace
