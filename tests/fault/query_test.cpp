// SPDX-License-Identifier: MIT
#include <memory_pages/pages.hpp>
#include <memory_pages/query.hpp>
#include <memory_pages/reservation.hpp>

#include "fake_os/fake_os.hpp"
#include "machines.hpp"
#include "support/fails.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace {

using namespace memory_pages;
using fake::Verb;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

const std::error_code refusal = std::make_error_code(std::errc::io_error);

class FaultyQuery : public testing::Test {
protected:
    FaultyQuery() { fake::boot(); }
    ~FaultyQuery() override { EXPECT_EQ(fake::walks_left(), 0U); }
};

std::vector<Region> all() {
    std::vector<Region> found;
    for (const Region& region : regions()) {
        found.push_back(region);
    }
    return found;
}

TEST_F(FaultyQuery, FindsExactlyTheMappedRegions) {
    EXPECT_TRUE(all().empty());
    const ReadWrite pages(3 * 4096);
    const auto found = all();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].address, pages.data());
    EXPECT_EQ(found[0].size, 3 * 4096U);
    EXPECT_TRUE(found[0].is_readable && found[0].is_writable && !found[0].is_executable);
    EXPECT_EQ(found[0].kind, RegionKind::anonymous);
    EXPECT_EQ(found[0].name, "[fake]");
    EXPECT_EQ(query(pages.data() + 5000), found[0]);
}

// Pitfall: map-list-changes
TEST_F(FaultyQuery, NeverGoesBackWhenALargerRegionAppears) {
    std::optional<Reservation> reservation(std::in_place, 8 * 4096);
    std::uint8_t* const address = reservation->address();
    reservation.reset();
    reservation.emplace(2 * 4096, ReservationOptions{.at = address});
    Regions walk;
    ASSERT_TRUE(*walk.try_next());
    EXPECT_EQ(walk.current().size, 2 * 4096U);
    reservation.reset();
    reservation.emplace(5 * 4096, ReservationOptions{.at = address});
    ASSERT_TRUE(*walk.try_next());
    EXPECT_EQ(walk.current().address, address + 2 * 4096);
    EXPECT_EQ(walk.current().size, 3 * 4096U);
    EXPECT_FALSE(*walk.try_next());
}

TEST_F(FaultyQuery, EndsAFreeRegionAtTheNextMapping) {
    const ReadWrite pages(3 * 4096);
    const Region before = query(pages.data() - 1);
    EXPECT_EQ(before.kind, RegionKind::free);
    EXPECT_EQ(before.address, pages.data() - 4096);
    EXPECT_EQ(before.size, 4096U);
    const std::uint8_t* const end = pages.data() + pages.size();
    const Region behind = query(end + 17);
    EXPECT_EQ(behind.kind, RegionKind::free);
    EXPECT_EQ(behind.address, end);
    EXPECT_EQ(behind.size, 0 - reinterpret_cast<std::uintptr_t>(end));
    EXPECT_EQ(behind.name, "");
}

TEST_F(FaultyQuery, ReportsRefusals) {
    for (const Verb verb : {Verb::start_walk, Verb::region_from}) {
        fake::fail({.verb = verb, .error = refusal});
        EXPECT_EQ(try_query(nullptr).error(), refusal);
        fake::fail({.verb = verb, .error = refusal});
        EXPECT_FAILS((void)query(nullptr), std::errc::io_error);
        fake::fail({.verb = verb, .error = refusal});
        EXPECT_FAILS_SAYING((void)query(reinterpret_cast<const void*>(std::uintptr_t{16})),
                            testing::HasSubstr("query(0x10): "));
        fake::stop_failing();
    }
}

TEST_F(FaultyQuery, ReportsRefusalsIntoABuffer) {
    std::array<char, 3> name;
    fake::fail({.verb = Verb::region_at, .error = refusal});
    EXPECT_EQ(try_query(nullptr, name).error(), refusal);
    fake::stop_failing();
    const ReadWrite pages(3 * 4096);
    EXPECT_EQ(try_query(pages.data(), name)->name, "[fa");
    const RegionView before = *try_query(pages.data() - 1, name);
    EXPECT_EQ(before.kind, RegionKind::free);
    EXPECT_EQ(before.address, pages.data() - 4096);
    EXPECT_EQ(before.name, "");
}

// Pitfall: map-list-truncated
TEST_F(FaultyQuery, NeverEndsSilentlyAfterARefusal) {
    const ReadWrite first(4096);
    const ReadWrite second(4096);
    for (const std::size_t nth : {1U, 2U, 3U}) {
        fake::fail({.nth = nth, .verb = Verb::region_from, .error = refusal});
        EXPECT_FAILS((void)all(), std::errc::io_error);
        fake::stop_failing();
    }
    fake::fail({.verb = Verb::start_walk, .error = refusal});
    EXPECT_FAILS((void)all(), std::errc::io_error);
}

TEST_F(FaultyQuery, ContinuesAfterARefusal) {
    const ReadWrite first(4096);
    const ReadWrite second(4096);
    Regions walk = regions();
    fake::fail({.verb = Verb::start_walk, .error = refusal});
    EXPECT_EQ(walk.try_next().error(), refusal);
    ASSERT_EQ(walk.try_next(), Result<bool>(true));
    const Region seen = walk.current();
    fake::fail({.verb = Verb::region_from, .error = refusal});
    EXPECT_EQ(walk.try_next().error(), refusal);
    EXPECT_EQ(walk.current(), seen);
    ASSERT_EQ(walk.try_next(), Result<bool>(true));
    EXPECT_NE(walk.current(), seen);
    EXPECT_EQ(walk.try_next(), Result<bool>(false));
}

TEST_F(FaultyQuery, AsksOnceForWholePagesOfResidency) {
    const ReadWrite pages(3 * 4096);
    fake::forget_calls();
    EXPECT_EQ(resident_bytes(pages.data() + 4095, 2), 2 * 4096U);
    ASSERT_EQ(fake::count_of(Verb::resident), 1U);
    EXPECT_EQ(fake::calls()[0].bytes, 2 * 4096U);
    std::array<bool, 5> is_resident{};
    resident_pages(pages.data() - 1, is_resident);
    EXPECT_EQ(is_resident, (std::array{false, true, true, true, false}));
    fake::forget_calls();
    EXPECT_EQ(resident_bytes(pages.data(), 0), 0U);
    EXPECT_EQ(fake::count_of(Verb::resident), 0U);
}

TEST_F(FaultyQuery, ReportsRefusedResidency) {
    std::array<bool, 5> is_resident{};
    const auto refuse = [] { fake::fail({.verb = Verb::resident, .error = refusal}); };
    refuse();
    EXPECT_EQ(try_resident_bytes(&is_resident, 1).error(), refusal);
    refuse();
    EXPECT_FAILS((void)resident_bytes(&is_resident, 1), std::errc::io_error);
    refuse();
    EXPECT_EQ(try_resident_pages(&is_resident, is_resident).error(), refusal);
    refuse();
    EXPECT_FAILS(resident_pages(&is_resident, is_resident), std::errc::io_error);
}

}  // namespace
