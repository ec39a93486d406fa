// SPDX-License-Identifier: MIT
#include <memory_pages/page_size.hpp>
#include <memory_pages/pages.hpp>
#include <memory_pages/query.hpp>

#include "support/fails.hpp"
#include "support/probe.hpp"
#include "support/process.hpp"
#include "support/rounds.hpp"
#include "support/system_calls.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

static_assert(std::ranges::input_range<Regions>);
static_assert(!std::ranges::forward_range<Regions>, "it asks as it goes");
static_assert(!std::is_copy_constructible_v<Regions>);
static_assert(std::is_nothrow_move_constructible_v<Regions>);
static_assert(std::is_same_v<std::ranges::range_reference_t<Regions>, const Region&>);

std::size_t page() { return probe::page_size(); }

std::uintptr_t number_of(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }

bool holds(const Region& region, const void* address) {
    return number_of(region.address) <= number_of(address) &&
           number_of(address) - number_of(region.address) < region.size;
}

std::string permissions_of(const Region& region) {
    return {region.is_readable ? 'r' : '-', region.is_writable ? 'w' : '-',
            region.is_executable ? 'x' : '-'};
}

/// Pages by system calls, whose parts can be changed one by one.
class ByHand {
public:
    explicit ByHand(std::size_t pages)
        : bytes_(pages * page()),
          base_(static_cast<std::uint8_t*>(system_calls::reserve(bytes_))) {}
    ByHand(const ByHand&) = delete;
    ByHand& operator=(const ByHand&) = delete;
    ~ByHand() { system_calls::unmap(base_, bytes_); }

    [[nodiscard]] std::uint8_t* at(std::size_t number) const { return base_ + number * page(); }
    void allow(std::size_t first, std::size_t count, bool reading, bool writing) const {
        ASSERT_TRUE(system_calls::allow(at(first), count * page(), reading, writing));
    }

private:
    std::size_t bytes_;
    std::uint8_t* base_;
};

// -- one region -----------------------------------------------------------------------------------

TEST(Query, ReportsPermissions) {
    ReadWrite pages(3 * page());
    const std::uint8_t* const second = pages.data() + page();
    const Region writable = query(second);
    EXPECT_TRUE(holds(writable, pages.data()));
    EXPECT_TRUE(holds(writable, pages.data() + pages.size() - 1));
    EXPECT_EQ(permissions_of(writable), "rw-");
    EXPECT_EQ(writable.kind, RegionKind::anonymous);
    const auto frozen = std::move(pages).deny_write();
    const Region read_only = query(second);
    EXPECT_TRUE(holds(read_only, second));
    EXPECT_EQ(permissions_of(read_only), "r--");
    EXPECT_EQ(permissions_of(read_only), probe::permissions(second));
}

// Pitfall: virtualquery-start
TEST(Query, ReportsTheBeginOfChangedParts) {
    const ByHand pages(7);
    pages.allow(1, 5, true, true);
    pages.allow(3, 2, true, false);
    for (const std::size_t offset : {std::size_t{0}, std::size_t{1}, 2 * page() - 1}) {
        const Region changed = query(pages.at(3) + offset);
        EXPECT_EQ(changed.address, pages.at(3)) << offset;
        EXPECT_EQ(changed.size, 2 * page()) << offset;
        EXPECT_EQ(permissions_of(changed), "r--");
    }
    const Region before = query(pages.at(2));
    EXPECT_EQ(before.address, pages.at(1));
    EXPECT_EQ(before.size, 2 * page());
    EXPECT_EQ(permissions_of(before), "rw-");
}

TEST(Query, ReportsReservedAddressSpace) {
    const ByHand pages(4);
    const Region reserved = query(pages.at(1));
    EXPECT_EQ(reserved.kind, RegionKind::reserved);
    EXPECT_EQ(permissions_of(reserved), "---");
    EXPECT_TRUE(holds(reserved, pages.at(3)));
}

TEST(Query, ReportsTheFirstPageAsFree) {
    const Region first = query(nullptr);
    EXPECT_EQ(first.kind, RegionKind::free);
    EXPECT_EQ(permissions_of(first), "---");
    EXPECT_EQ(first.name, "");
    EXPECT_EQ(first.address, nullptr);
    ASSERT_GE(first.size, page());
    EXPECT_NE(query(reinterpret_cast<const void*>(first.size)).kind, RegionKind::free)
        << "it ends at the next";
    const Region second = query(reinterpret_cast<void*>(page() - 1));
    EXPECT_EQ(second.address, nullptr) << "and begins with the page of the address";
    EXPECT_EQ(second.size, first.size);
}

TEST(Query, ReportsTheLastPageAsUnusable) {
    const std::uintptr_t last = ~std::uintptr_t{0};
    const Region none = query(reinterpret_cast<void*>(last));
    EXPECT_EQ(none.kind, RegionKind::free);
    EXPECT_EQ(number_of(none.address), last - page() + 1);
    EXPECT_EQ(none.size, page());
}

TEST(Query, ReportsUnmappedPagesAsFree) {
    EXPECT_TRUE(rounds::one_succeeds([] {
        const std::uint8_t* there = nullptr;
        {
            const ReadWrite pages(std::size_t{64} << 20);
            there = pages.data() + pages.size() / 2;
            EXPECT_NE(query(there).kind, RegionKind::free);
        }
        const Region gone = query(there);
        EXPECT_EQ(gone.address, there);
        return gone.kind == RegionKind::free;
    }));
}

TEST(Query, ReportsTheFileOfAFunction) {
    const Region code = query(reinterpret_cast<const void*>(&process::own_path));
    EXPECT_EQ(code.kind, RegionKind::file);
    const std::string path = process::own_path();
    const std::string_view name = std::string_view(path).substr(path.find_last_of("/\\") + 1);
    EXPECT_TRUE(code.name.ends_with(name)) << code.name << " is not " << path;
}

TEST(Query, ReportsTheStackAsWritable) {
    int local = 0;
    const Region stack = query(&local);
    EXPECT_EQ(permissions_of(stack), "rw-");
    EXPECT_EQ(stack.kind, RegionKind::anonymous);
}

// -- with a name in a buffer ----------------------------------------------------------------------

void expect_same(const Region& region, const RegionView& view) {
    EXPECT_EQ(view.address, region.address);
    EXPECT_EQ(view.size, region.size);
    EXPECT_EQ(view.is_readable, region.is_readable);
    EXPECT_EQ(view.is_writable, region.is_writable);
    EXPECT_EQ(view.is_executable, region.is_executable);
    EXPECT_EQ(view.kind, region.kind);
    EXPECT_TRUE(region.name.starts_with(view.name)) << view.name << " is not " << region.name;
}

TEST(QueryIntoABuffer, MatchesAQuery) {
    const ReadWrite pages(3 * page());
    const std::uint8_t* const mapped = pages.data() + page();
    const void* const code = reinterpret_cast<const void*>(&process::own_path);
    std::array<char, 4096> name;
    for (const void* const address :
         {static_cast<const void*>(mapped), code, static_cast<const void*>(nullptr)}) {
        const Region region = query(address);
        const RegionView view = *try_query(address, name);
        expect_same(region, view);
        EXPECT_EQ(view.name, region.name);
        EXPECT_TRUE(view.name.empty() || view.name.data() == name.data());
    }
}

TEST(QueryIntoABuffer, CutsTheName) {
    const void* const code = reinterpret_cast<const void*>(&process::own_path);
    const Region region = query(code);
    std::array<char, 512> name;
    for (const std::size_t size : {0U, 1U, 5U, 300U}) {
        name.fill('#');
        const RegionView view = *try_query(code, std::span(name).first(size));
        expect_same(region, view);
        EXPECT_LE(view.name.size(), size);
        EXPECT_EQ(view.name.empty(), size == 0);
        EXPECT_EQ(name[size], '#') << "behind the buffer";
    }
}

// -- all of them ----------------------------------------------------------------------------------

TEST(Regions, AreInOrderWithoutDuplicates) {
    constexpr std::size_t few = 4;  // Mappings made by queries and counting themselves.
    const std::size_t before = probe::mapping_count();
    std::uintptr_t end = 0;
    std::size_t count = 0;
    for (const Region& region : regions()) {
        EXPECT_GE(number_of(region.address), end) << region;
        EXPECT_GT(region.size, 0U);
        EXPECT_EQ(region.size % page(), 0U);
        EXPECT_NE(region.kind, RegionKind::free);
        end = number_of(region.address) + region.size;
        ++count;
    }
    EXPECT_GE(count + few, before);
    EXPECT_LE(count, probe::mapping_count() + few);
}

TEST(Regions, MatchAQueryOfEach) {
    const ByHand pages(5);
    pages.allow(1, 1, true, true);
    pages.allow(3, 1, true, false);
    std::size_t found = 0;
    for (const Region& region : regions()) {
        if (holds(region, pages.at(1)) || holds(region, pages.at(2)) ||
            holds(region, pages.at(3))) {
            EXPECT_EQ(query(region.address), region);
            EXPECT_EQ(query(region.address + region.size - 1), region);
            ++found;
        }
    }
    EXPECT_EQ(found, 3U);
}

TEST(Regions, CanBeFiltered) {
    const ReadWrite pages(page());
    auto writable = regions() | std::views::filter(&Region::is_writable);
    const auto end = std::ranges::end(writable);
    const auto ours =
        std::ranges::find_if(std::ranges::begin(writable), end,
                             [&](const Region& region) { return holds(region, pages.data()); });
    EXPECT_TRUE(ours != end);
}

TEST(Regions, ContinueAfterAMove) {
    Regions walk = regions();
    ASSERT_TRUE(*walk.try_next());
    const Region first = walk.current();
    Regions moved = std::move(walk);
    EXPECT_EQ(moved.current(), first);
    ASSERT_TRUE(*moved.try_next());
    EXPECT_GE(moved.current().address, first.address + first.size);
    walk = regions();
    ASSERT_TRUE(*walk.try_next());
    EXPECT_EQ(walk.current().address, first.address);
}

TEST(Regions, StayAtTheirEnd) {
    Regions walk = regions();
    while (*walk.try_next()) {
    }
    EXPECT_EQ(walk.try_next(), Result<bool>(false));
}

// Pitfall: map-list-changes
TEST(Regions, StayOrderedWhileThreadsMapAndUnmap) {
    const ReadWrite lasting(page());
    std::atomic<bool> is_over = false;
    std::thread busy([&] {
        while (!is_over.load(std::memory_order_relaxed)) {
            const ReadWrite large(64 * page());
            const ByHand parts(9);
            parts.allow(1, 1, true, true);
            parts.allow(3, 1, true, false);
        }
    });
    for (int i = 0; i < 100; ++i) {
        std::uintptr_t end = 0;
        bool is_seen = false;
        for (const Region& region : regions()) {
            EXPECT_GE(number_of(region.address), end);
            end = number_of(region.address) + region.size;
            is_seen = is_seen || holds(region, lasting.data());
        }
        EXPECT_TRUE(is_seen);
        EXPECT_TRUE(try_query(lasting.data()));
    }
    is_over = true;
    busy.join();
}

// -- what is resident -----------------------------------------------------------------------------

/// Pages of which some are touched: the second, third and sixth of eight.
class Resident : public testing::Test {
protected:
    Resident() {
        for (const std::size_t number : {1U, 2U, 5U}) {
            pages_[number * page()] = 1;
        }
    }
    const std::uint8_t* at(std::size_t number) { return pages_.data() + number * page(); }

    ReadWrite pages_{8 * page(), {.huge_pages = HugePages::never}};
};

// Pitfall: query-touches
TEST_F(Resident, CountsBytesOfTouchedPages) {
    EXPECT_EQ(resident_bytes(at(0), 8 * page()), 3 * page());
    EXPECT_EQ(resident_bytes(at(0), 8 * page()), probe::resident_bytes(at(0), 8 * page()));
    EXPECT_EQ(resident_bytes(at(3), 2 * page()), 0U);
    EXPECT_EQ(resident_bytes(at(0), 8 * page()), 3 * page()) << "looking touches nothing";
}

TEST_F(Resident, ListsTouchedPages) {
    std::array<bool, 8> is_resident{};
    is_resident.fill(true);
    resident_pages(at(0) + 5, is_resident);
    EXPECT_EQ(is_resident, (std::array{false, true, true, false, false, true, false, false}));
    resident_pages(at(2), std::span(is_resident).first(1));
    EXPECT_TRUE(is_resident[0]);
    EXPECT_TRUE(try_resident_pages(at(0), {}));
}

TEST_F(Resident, RoundsRangesOutward) {
    EXPECT_EQ(resident_bytes(at(2) - 1, 2), 2 * page());
    EXPECT_EQ(resident_bytes(at(2) + 1, 1), page());
    EXPECT_EQ(resident_bytes(at(3) - 1, 2), page());
    EXPECT_EQ(resident_bytes(at(1), 0), 0U);
}

TEST_F(Resident, ExcludesDecommittedMemory) {
    pages_.decommit(page(), page());
    EXPECT_EQ(resident_bytes(at(0), 8 * page()), 2 * page());
}

TEST_F(Resident, RefusesRangesBeyondTheAddressSpace) {
    EXPECT_FAILS(resident_bytes(at(0), SIZE_MAX), std::errc::invalid_argument);
    EXPECT_EQ(try_resident_bytes(at(0), SIZE_MAX - number_of(at(0))).error(),
              std::errc::invalid_argument);
    std::array<bool, 2> two{};
    const auto* const last = reinterpret_cast<const void*>(~std::uintptr_t{0});
    EXPECT_FAILS(resident_pages(last, two), std::errc::invalid_argument);
    EXPECT_EQ(try_resident_pages(last, two).error(), std::errc::invalid_argument);
}

TEST_F(Resident, CountsWholeRegions) {
    const ByHand alone(3);
    alone.allow(1, 1, true, true);
    EXPECT_EQ(resident_bytes(query(alone.at(1))), 0U);
    *alone.at(1) = 1;
    EXPECT_EQ(resident_bytes(query(alone.at(1))), page());
    EXPECT_EQ(try_resident_bytes(query(alone.at(1))), Result<std::size_t>(page()));
}

TEST_F(Resident, CountsInaccessiblePagesAsTheSystemDoes) {
    if (!probe::permissions_are_told()) {
        GTEST_SKIP() << "an emulator keeps permissions itself";
    }
    const std::uint8_t* const base = at(0);
    const auto hidden = std::move(pages_).deny_write().deny_read();
    EXPECT_EQ(resident_bytes(base, 8 * page()), probe::resident_bytes(base, 8 * page()));
}

// Pitfall: mincore-hole
TEST(ResidentBytes, AreZeroForUnmappedMemory) {
    EXPECT_EQ(resident_bytes(nullptr, page()), 0U);
    const ByHand pages(3);
    pages.allow(0, 1, true, true);
    pages.allow(2, 1, true, true);
    *pages.at(0) = *pages.at(2) = 1;
    EXPECT_EQ(resident_bytes(pages.at(0), 3 * page()), 2 * page()) << "with a hole";
}

TEST(ResidentBytes, CountLargeRangesInPieces) {
    constexpr std::size_t much = std::size_t{16} << 30;
    auto* const base = static_cast<std::uint8_t*>(system_calls::reserve(much));
    ASSERT_NE(base, nullptr);
    // More runs of pages than any buffer holds.
    constexpr std::size_t parts = 1000;
    ASSERT_TRUE(system_calls::allow(base, 2 * parts * page(), true, true));
    for (std::size_t i = 0; i < parts; ++i) {
        base[2 * i * page()] = 1;
    }
    if (probe::resident_bytes(base, 2 * parts * page()) == parts * page()) {
        EXPECT_EQ(resident_bytes(base, much), parts * page());
    }
    system_calls::unmap(base, much);
}

TEST(QueryCalls, LeaveErrnoUnchanged) {
    const ReadWrite pages(page());
    errno = ERANGE;
    EXPECT_TRUE(try_query(pages.data()));
    EXPECT_TRUE(try_resident_bytes(pages.data(), page()));
    Regions walk = regions();
    EXPECT_TRUE(walk.try_next());
    walk = regions();
    EXPECT_EQ(errno, ERANGE);
}

}  // namespace
}  // namespace memory_pages
