// SPDX-License-Identifier: MIT
// What os.hpp promises, of whichever system is linked: the real one, or the fake one of the fault
// tests. `OsMemory` measures memory, and `OsThreads` needs several, which the fake one has none of.

#include "../src/os/os.hpp"
#include "support/machine_code.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <system_error>
#include <thread>
#include <vector>

namespace {

using namespace memory_pages;
using os::Access;
using os::Charge;

constexpr std::array every_access = {
    Access::none, Access::read,      Access::write,      Access::read_write,
    Access::exec, Access::read_exec, Access::write_exec, Access::read_write_exec,
};

/// Whether there may be pages like that here, when they are mapped or later.
bool can_be_mapped(Access access) {
    return !detail::allows(access, Access::write_exec) || os::is_supported(Feature::write_exec);
}
bool can_be_set(Access access) {
    return !detail::allows(access, Access::write_exec) ||
           os::is_supported(Feature::becoming_write_exec);
}

constexpr std::array every_feature = {
    Feature::commit_charge, Feature::uncharged_pages,     Feature::moving_pages,
    Feature::write_exec,    Feature::becoming_write_exec, Feature::publishing,
    Feature::collapsing,    Feature::many_guards,
};

constexpr std::array every_advice = {
    Advice::use_soon, Advice::sequential,  Advice::random, Advice::cold,
    Advice::page_out, Advice::never_merge, Advice::normal,
};

bool is_not_supported(std::error_code error) { return error == std::errc::operation_not_supported; }

std::size_t page() { return probe::page_size(); }

bool is_multiple(const void* address, std::size_t of) {
    return reinterpret_cast<std::uintptr_t>(address) % of == 0;
}

/// Pages that are given back at the end of a test.
class Mapped {
public:
    explicit Mapped(std::size_t bytes, Access access = Access::read_write,
                    std::size_t alignment = 1, Charge charge = Charge::charged)
        : base_(*os::map(bytes, alignment, access, charge)), bytes_(bytes) {}
    Mapped(const Mapped&) = delete;
    Mapped& operator=(const Mapped&) = delete;
    ~Mapped() { os::unmap(base_, bytes_); }

    [[nodiscard]] std::byte* base() const { return base_; }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

    std::error_code resize(std::size_t bytes, std::size_t alignment = 1) {
        const Result<std::byte*> moved = os::resize(base_, bytes_, bytes, alignment);
        if (!moved) {
            return moved.error();
        }
        base_ = *moved;
        bytes_ = bytes;
        return {};
    }

private:
    std::byte* base_;
    std::size_t bytes_;
};

/// The same of address space.
class Reserved {
public:
    explicit Reserved(std::size_t bytes, std::size_t alignment = 1)
        : base_(*os::reserve(bytes, alignment)), bytes_(bytes) {}
    Reserved(const Reserved&) = delete;
    Reserved& operator=(const Reserved&) = delete;
    ~Reserved() {
        if (bytes_ != 0) {
            os::release(base_, bytes_);
        }
    }

    [[nodiscard]] std::byte* base() const { return base_; }

    /// The first bytes are somebody else's from now on.
    void lose_front(std::size_t bytes) {
        base_ += bytes;
        bytes_ -= bytes;
    }

private:
    std::byte* base_;
    std::size_t bytes_;
};

void fill(std::byte* base, std::size_t bytes, int value) { std::memset(base, value, bytes); }

bool all_are(const std::byte* base, std::size_t bytes, int value) {
    return bytes == 0 ||
           (std::to_integer<int>(*base) == value && std::memcmp(base, base + 1, bytes - 1) == 0);
}

/// Also where a thread must say that it writes pages that are writable and executable.
bool can_write(std::byte* byte) {
    os::begin_writing();
    const bool can = probe::can_write(byte);
    os::end_writing();
    return can;
}

// -- sizes ----------------------------------------------------------------------------------------

TEST(OsContract, SizesArePowersOfTwoOfWholePages) {
    EXPECT_EQ(os::page_size(), probe::page_size());
    EXPECT_TRUE(std::has_single_bit(os::page_size()));
    EXPECT_GE(os::page_size(), 4096U);
    EXPECT_TRUE(std::has_single_bit(os::allocation_granularity()));
    EXPECT_GE(os::allocation_granularity(), os::page_size());
    const std::size_t huge = os::huge_page_size();
    EXPECT_TRUE(huge == 0 || (std::has_single_bit(huge) && huge > os::page_size())) << huge;
    EXPECT_TRUE(os::transparent_huge_page_size() == 0 || os::transparent_huge_page_size() == huge);
}

// -- mappings -------------------------------------------------------------------------------------

TEST(OsContract, MappedPagesReadZeroAndAreAlignedAsAsked) {
    for (std::size_t alignment = 1; alignment <= (std::size_t{64} << 20); alignment *= 4) {
        for (const std::size_t count : {std::size_t{1}, std::size_t{7}, std::size_t{600}}) {
            const Mapped mapped(count * page(), Access::read_write, alignment);
            EXPECT_TRUE(
                is_multiple(mapped.base(), std::max(alignment, os::allocation_granularity())));
            EXPECT_TRUE(all_are(mapped.base(), mapped.bytes(), 0));
            fill(mapped.base(), mapped.bytes(), 1);
        }
    }
}

TEST(OsContract, MappedPagesMayBeUsedAsAskedAndNotOtherwise) {
    if (!probe::permissions_are_told()) {
        GTEST_SKIP() << "an emulator keeps the permissions, and denies less";
    }
    for (const Access access : every_access) {
        if (!can_be_mapped(access)) {
            EXPECT_FALSE(os::map(page(), 1, access, Charge::charged));
            continue;
        }
        const Mapped mapped(3 * page(), access);
        for (std::size_t offset : {std::size_t{0}, 3 * page() - 1}) {
            std::byte* const byte = mapped.base() + offset;
            EXPECT_EQ(can_write(byte), detail::allows(access, Access::write));
            if (detail::allows(access, Access::read) || access == Access::none) {
                EXPECT_EQ(probe::can_read(byte), access != Access::none);
            } else if (os::is_enforced(access)) {
                EXPECT_FALSE(probe::can_read(byte));
            }
        }
    }
}

TEST(OsContract, NothingIsLeftOfUnmappedPages) {
    std::byte* const base = *os::map(3 * page(), 1, Access::read_write, Charge::charged);
    fill(base, 3 * page(), 1);
    os::unmap(base, 3 * page());
    EXPECT_FALSE(probe::can_read(base));
    EXPECT_FALSE(probe::can_read(base + 3 * page() - 1));
}

TEST(OsContract, PartsOfAMappingAreGivenBackInAnyOrder) {
    for (const std::size_t last : {0U, 1U, 2U}) {
        std::byte* const base = *os::map(6 * page(), 1, Access::read_write, Charge::charged);
        fill(base, 6 * page(), 5);
        const auto part = [&](std::size_t i) { return base + 2 * i * page(); };
        for (std::size_t i = 0; i < 3; ++i) {
            if (i != last) {
                os::unmap_part(part(i), 2 * page(), base, false);
                EXPECT_FALSE(probe::can_read(part(i)));
                EXPECT_TRUE(all_are(part(last), 2 * page(), 5));
            }
        }
        ASSERT_TRUE(os::protect(part(last), 2 * page(), Access::read));
        EXPECT_TRUE(all_are(part(last), 2 * page(), 5));
        os::unmap_part(part(last), 2 * page(), base, true);
        EXPECT_FALSE(probe::can_read(part(last)));
        EXPECT_TRUE(os::reserve_at(base, 6 * page()).has_value()) << "addresses are lost";
        os::release(base, 6 * page());
    }
}

TEST(OsContract, SizesThatNothingHasRoomForAreRefused) {
    const std::size_t most = std::numeric_limits<std::size_t>::max() & ~(page() - 1);
    for (const std::size_t bytes : {most / 4 & ~(page() - 1), most / 2 & ~(page() - 1)}) {
        for (const std::size_t alignment : {std::size_t{1}, std::size_t{1} << 30}) {
            EXPECT_EQ(os::map(bytes, alignment, Access::read, Charge::uncharged).error(),
                      std::errc::not_enough_memory);
            EXPECT_EQ(os::reserve(bytes, alignment).error(), std::errc::not_enough_memory);
        }
    }
}

TEST(OsContract, ResizingToMoreKeepsBytesAndAccessOrChangesNothing) {
    for (const Access access : {Access::read_write, Access::read}) {
        Mapped mapped(8 * page());
        fill(mapped.base(), mapped.bytes(), 5);
        ASSERT_TRUE(os::protect(mapped.base(), mapped.bytes(), access));
        const std::error_code refused = mapped.resize(100 * page());
        EXPECT_TRUE(!refused || is_not_supported(refused)) << refused;
        EXPECT_EQ(mapped.bytes(), refused ? 8 * page() : 100 * page());
        EXPECT_TRUE(all_are(mapped.base(), 8 * page(), 5));
        EXPECT_TRUE(all_are(mapped.base() + 8 * page(), mapped.bytes() - 8 * page(), 0));
        std::byte* const last = mapped.base() + mapped.bytes() - 1;
        EXPECT_EQ(probe::can_write(last), access == Access::read_write);
    }
}

TEST(OsContract, ResizingToLessKeepsBytesAndAccessAndLeavesNothingBehind) {
    for (const Access access : {Access::read_write, Access::read}) {
        Mapped mapped(8 * page());
        fill(mapped.base(), mapped.bytes(), 5);
        ASSERT_TRUE(os::protect(mapped.base(), mapped.bytes(), access));
        std::byte* const old_base = mapped.base();
        const std::error_code refused = mapped.resize(2 * page());
        if (is_not_supported(refused)) {
            EXPECT_TRUE(all_are(mapped.base(), 8 * page(), 5));
            continue;
        }
        ASSERT_EQ(refused, std::error_code());
        EXPECT_TRUE(all_are(mapped.base(), 2 * page(), 5));
        EXPECT_EQ(probe::can_write(mapped.base()), access == Access::read_write);
        EXPECT_FALSE(probe::can_read(old_base + 2 * page()));
        EXPECT_FALSE(probe::can_read(old_base + 8 * page() - 1));
    }
}

TEST(OsContract, PagesResizedToLessAndBackToMoreReadZeroThere) {
    Mapped mapped(8 * page());
    fill(mapped.base(), mapped.bytes(), 5);
    (void)mapped.resize(2 * page());
    const std::size_t kept = mapped.bytes();
    (void)mapped.resize(8 * page());
    EXPECT_TRUE(all_are(mapped.base(), kept, 5));
    EXPECT_TRUE(all_are(mapped.base() + kept, mapped.bytes() - kept, 0));
}

TEST(OsContract, ResizingKeepsTheAlignmentOrChangesNothing) {
    constexpr std::size_t alignment = std::size_t{4} << 20;
    for (int i = 0; i < 8; ++i) {
        Mapped mapped(3 * page(), Access::read_write, alignment);
        fill(mapped.base(), mapped.bytes(), 5);
        const std::error_code refused = mapped.resize(1000 * page(), alignment);
        EXPECT_TRUE(!refused || is_not_supported(refused)) << refused;
        EXPECT_TRUE(is_multiple(mapped.base(), alignment));
        EXPECT_TRUE(all_are(mapped.base(), 3 * page(), 5));
        EXPECT_TRUE(all_are(mapped.base() + 3 * page(), mapped.bytes() - 3 * page(), 0));
    }
}

TEST(OsContract, PagesAreResizedThoughPartsOfThemWereAdvised) {
    Mapped mapped(16 * page());
    fill(mapped.base(), mapped.bytes(), 5);
    ASSERT_TRUE(os::advise(mapped.base() + 4 * page(), 4 * page(), Advice::random));
    const std::error_code refused = mapped.resize(64 * page());
    EXPECT_TRUE(!refused || is_not_supported(refused)) << refused;
    EXPECT_TRUE(all_are(mapped.base(), 16 * page(), 5));
}

// -- huge pages -----------------------------------------------------------------------------------

TEST(OsContract, HugePagesThatAreKeptAreMappedOrRefused) {
    const std::size_t unit = os::huge_page_size() == 0 ? page() : os::huge_page_size();
    for (const std::size_t alignment : {unit, 2 * unit}) {
        const Result<std::byte*> base = os::map_huge(unit, alignment, Access::read_write);
        if (!base) {
            EXPECT_TRUE(base.error() == PageError::huge_page_limit ||
                        is_not_supported(base.error()))
                << base.error();
            continue;
        }
        EXPECT_TRUE(is_multiple(*base, alignment));
        EXPECT_TRUE(all_are(*base, unit, 0));
        fill(*base, unit, 1);
        os::unmap(*base, unit);
    }
}

TEST(OsContract, CollapseKeepsBytesAndSaysWhetherItCan) {
    const std::size_t unit =
        os::transparent_huge_page_size() == 0 ? page() : os::transparent_huge_page_size();
    const Mapped mapped(unit, Access::read_write, unit);
    os::set_huge_pages(mapped.base(), unit, HugePages::prefer);
    fill(mapped.base(), unit, 5);
    const Result<void> done = os::collapse(mapped.base(), unit);
    EXPECT_TRUE(done || os::is_supported(Feature::collapsing) == !is_not_supported(done.error()));
    os::set_huge_pages(mapped.base(), unit, HugePages::never);
    EXPECT_TRUE(all_are(mapped.base(), unit, 5));
}

// -- pages in use ---------------------------------------------------------------------------------

TEST(OsContract, ProtectKeepsBytesAndChangesOneRangeOnly) {
    if (!probe::permissions_are_told()) {
        GTEST_SKIP() << "an emulator keeps the permissions, and denies less";
    }
    for (const Access access : every_access) {
        const Mapped mapped(3 * page());
        fill(mapped.base(), mapped.bytes(), 5);
        std::byte* const middle = mapped.base() + page();
        ASSERT_EQ(os::protect(middle, page(), access).has_value(), can_be_set(access));
        EXPECT_EQ(probe::can_write(middle),
                  !can_be_set(access) || detail::allows(access, Access::write));
        EXPECT_TRUE(probe::can_write(middle - 1));
        EXPECT_TRUE(probe::can_write(middle + page()));
        ASSERT_TRUE(os::protect(middle, page(), Access::read_write));
        EXPECT_TRUE(all_are(mapped.base(), mapped.bytes(), 5));
    }
}

TEST(OsContract, MakingExecutableKeepsBytes) {
    for (const Access from :
         {Access::read_write, Access::write, Access::read, Access::none, Access::read_write_exec}) {
        if (!can_be_set(from)) {
            continue;
        }
        const Mapped mapped(2 * page());
        fill(mapped.base(), mapped.bytes(), 5);
        ASSERT_TRUE(os::protect(mapped.base(), mapped.bytes(), from));
        ASSERT_TRUE(os::make_executable(mapped.base(), mapped.bytes(), from, Access::read_exec));
        EXPECT_FALSE(probe::can_write(mapped.base()));
        EXPECT_TRUE(all_are(mapped.base(), mapped.bytes(), 5));
    }
}

TEST(OsContract, PagesThatAreWritableAndExecutableAreWrittenAndPublished) {
    if (!os::is_supported(Feature::write_exec)) {
        GTEST_SKIP() << "no pages are writable and executable at once here";
    }
    const Mapped mapped(2 * page(), Access::read_write_exec);
    os::begin_writing();
    fill(mapped.base(), mapped.bytes(), 5);
    os::end_writing();
    EXPECT_EQ(os::publish(mapped.base() + 3, page()).has_value(),
              os::is_supported(Feature::publishing));
    EXPECT_TRUE(all_are(mapped.base(), mapped.bytes(), 5));
    ASSERT_TRUE(os::make_executable(mapped.base(), mapped.bytes(), Access::read_write_exec,
                                    Access::read_exec));
    EXPECT_FALSE(probe::can_write(mapped.base()));
    EXPECT_TRUE(all_are(mapped.base(), mapped.bytes(), 5));
}

TEST(OsContract, ClaimsToEnforceAtLeastWhatEveryProcessorDoes) {
    for (const Access access :
         {Access::none, Access::read, Access::read_write, Access::read_exec}) {
        EXPECT_TRUE(os::is_enforced(access));
    }
    for (const Access access : {Access::write, Access::exec, Access::write_exec}) {
        if (!can_be_mapped(access)) {
            continue;
        }
        const Mapped mapped(page(), access);
        EXPECT_EQ(os::is_enforced(access), !probe::can_read(mapped.base()))
            << static_cast<int>(access);
    }
}

TEST(OsContract, WhatIsGivenBackStaysUsableAndItsNeighboursKeepTheirBytes) {
    for (const auto verb : {os::decommit, os::discard}) {
        const Mapped mapped(3 * page());
        fill(mapped.base(), mapped.bytes(), 5);
        ASSERT_TRUE(verb(mapped.base() + page(), page()));
        EXPECT_TRUE(all_are(mapped.base(), page(), 5));
        EXPECT_TRUE(all_are(mapped.base() + 2 * page(), page(), 5));
        fill(mapped.base() + page(), page(), 6);
        EXPECT_TRUE(all_are(mapped.base() + page(), page(), 6));
    }
}

TEST(OsContract, ManyRangesThatAreGivenBackStayUsableAndTheirNeighboursKeepTheirBytes) {
    for (const auto verb : {os::decommit_all, os::discard_all}) {
        const Mapped mapped(7 * page());
        fill(mapped.base(), mapped.bytes(), 5);
        std::byte* const base = mapped.base();
        const std::array ranges = {os::Range{base + 5 * page(), page()},
                                   os::Range{base + page(), 2 * page()}};
        ASSERT_TRUE(verb(ranges));
        for (const std::size_t kept : {0U, 3U, 4U, 6U}) {
            EXPECT_TRUE(all_are(base + kept * page(), page(), 5)) << kept;
        }
        for (const auto& [first, bytes] : ranges) {
            fill(first, bytes, 6);
            EXPECT_TRUE(all_are(first, bytes, 6));
        }
    }
}

TEST(OsContract, AdvisingManyRangesKeepsBytes) {
    const Mapped mapped(7 * page());
    fill(mapped.base(), mapped.bytes(), 5);
    const std::array ranges = {os::Range{mapped.base() + 5 * page(), page()},
                               os::Range{mapped.base() + page(), 2 * page()}};
    for (const Advice advice : every_advice) {
        EXPECT_TRUE(os::advise_all(ranges, advice));
    }
    EXPECT_TRUE(all_are(mapped.base(), mapped.bytes(), 5));
}

TEST(OsContract, ZeroedPagesReadZeroAndTheirNeighboursKeepTheirBytes) {
    for (const std::size_t count :
         {std::size_t{1}, std::size_t{16}, std::size_t{17}, std::size_t{500}}) {
        const Mapped mapped((count + 2) * page());
        fill(mapped.base(), mapped.bytes(), 5);
        ASSERT_TRUE(os::zero(mapped.base() + page(), count * page()));
        EXPECT_TRUE(all_are(mapped.base(), page(), 5));
        EXPECT_TRUE(all_are(mapped.base() + page(), count * page(), 0));
        EXPECT_TRUE(all_are(mapped.base() + (count + 1) * page(), page(), 5));
    }
}

TEST(OsContract, PagesThatWereDiscardedReadZeroOnceTheyAreZeroed) {
    const Mapped mapped(40 * page());
    fill(mapped.base(), mapped.bytes(), 5);
    ASSERT_TRUE(os::discard(mapped.base(), mapped.bytes()));
    ASSERT_TRUE(os::zero(mapped.base(), mapped.bytes()));
    EXPECT_TRUE(all_are(mapped.base(), mapped.bytes(), 0));
}

TEST(OsContract, ClearedPagesReadZeroAndTheirNeighboursKeepTheirBytes) {
    constexpr std::size_t past_the_caches = std::size_t{32} << 20;
    const Mapped mapped(past_the_caches + 3 * page());
    for (const std::size_t bytes : {page(), 17 * page(), past_the_caches - page(), past_the_caches,
                                    past_the_caches + page()}) {
        fill(mapped.base(), mapped.bytes(), 5);
        os::clear(mapped.base() + page(), bytes);
        EXPECT_TRUE(all_are(mapped.base(), page(), 5));
        EXPECT_TRUE(all_are(mapped.base() + page(), bytes, 0)) << bytes;
        EXPECT_TRUE(all_are(mapped.base() + page() + bytes, page(), 5)) << bytes;
    }
}

TEST(OsContract, PopulatingAndAdvisingKeepBytes) {
    for (const Access access : {Access::read, Access::read_write, Access::write, Access::read_exec,
                                Access::read_write_exec}) {
        if (!can_be_set(access)) {
            continue;
        }
        const Mapped mapped(4 * page());
        fill(mapped.base(), 2 * page(), 5);
        ASSERT_TRUE(os::protect(mapped.base(), mapped.bytes(), access));
        ASSERT_TRUE(os::populate(mapped.base() + page(), 3 * page(), access));
        for (const Advice advice : every_advice) {
            ASSERT_TRUE(os::advise(mapped.base() + page(), 2 * page(), advice));
        }
        ASSERT_TRUE(os::protect(mapped.base(), mapped.bytes(), Access::read));
        EXPECT_TRUE(all_are(mapped.base(), 2 * page(), 5));
        EXPECT_TRUE(all_are(mapped.base() + 2 * page(), 2 * page(), 0));
    }
}

// -- looking -------------------------------------------------------------------------------------

TEST(OsContract, LookingGoesForwardAndFindsWhatIsThere) {
    const Mapped mapped(4 * page());
    ASSERT_TRUE(os::protect(mapped.base() + page(), page(), Access::read));
    const Reserved reserved(4 * page());
    detail::Walk* const walk = *os::start_walk();
    bool is_changed_found = false;
    bool is_reserved_found = false;
    std::uintptr_t at = 0;
    for (;;) {
        const Result<os::RegionInfo> region = os::region_from(*walk, at);
        ASSERT_TRUE(region);
        if (region->bytes == 0) {
            break;
        }
        ASSERT_GE(region->first, at);
        at = region->first + region->bytes;
        const auto holds = [&](const std::byte* base) {
            const auto number = reinterpret_cast<std::uintptr_t>(base);
            return region->first <= number && number < at;
        };
        if (holds(mapped.base() + page())) {
            is_changed_found = true;
            EXPECT_EQ(region->bytes, page());
            EXPECT_EQ(region->access, Access::read);
            EXPECT_EQ(region->kind, RegionKind::anonymous);
        }
        if (holds(reserved.base())) {
            is_reserved_found = true;
            EXPECT_EQ(region->access, Access::none);
            EXPECT_EQ(region->kind, RegionKind::reserved);
        }
    }
    os::end_walk(walk);
    EXPECT_TRUE(is_changed_found);
    EXPECT_TRUE(is_reserved_found);
}

TEST(OsMemory, LookedAtIsWhatWasTouched) {
    const Mapped mapped(4 * page());
    os::set_huge_pages(mapped.base(), mapped.bytes(), HugePages::never);
    fill(mapped.base() + page(), 2 * page(), 5);
    EXPECT_EQ(*os::resident_bytes(mapped.base(), 4 * page()), 2 * page());
    std::array<bool, 4> is_resident{true, true, true, true};
    EXPECT_TRUE(os::resident_pages(mapped.base(), is_resident));
    EXPECT_EQ(is_resident, (std::array{false, true, true, false}));
    EXPECT_EQ(*os::resident_bytes(mapped.base(), 4 * page()), 2 * page()) << "looking touches none";
}

// -- reservations --------------------------------------------------------------------------------

TEST(OsContract, ReservedPagesFaultUntilTheyAreCommitted) {
    for (std::size_t alignment = 1; alignment <= (std::size_t{64} << 20); alignment *= 64) {
        const Reserved reserved(100 * page(), alignment);
        EXPECT_TRUE(is_multiple(reserved.base(), std::max(alignment, page())));
        EXPECT_FALSE(probe::can_read(reserved.base()));
        std::byte* const part = reserved.base() + 10 * page();
        ASSERT_TRUE(os::commit(part, 5 * page(), Access::read_write));
        EXPECT_TRUE(all_are(part, 5 * page(), 0));
        EXPECT_TRUE(probe::can_write(part + 5 * page() - 1));
        EXPECT_FALSE(probe::can_read(part - 1));
        EXPECT_FALSE(probe::can_read(part + 5 * page()));
    }
}

TEST(OsContract, AddressSpaceIsReservedWhereItIsWantedIfNothingIsThere) {
    const std::size_t bytes = 4 * os::allocation_granularity();
    std::byte* const base = *os::reserve(bytes, 1);
    os::release(base, bytes);
    const Result<std::byte*> there = os::reserve_at(base, bytes);
    ASSERT_TRUE(there) << there.error();
    EXPECT_EQ(*there, base);
    EXPECT_FALSE(probe::can_read(base));
    ASSERT_TRUE(os::commit(base, page(), Access::read_write));
    EXPECT_TRUE(all_are(base, page(), 0));
    os::release(base, bytes);
}

TEST(OsContract, AddressSpaceIsNeverReservedOverWhatIsThere) {
    const std::size_t unit = os::allocation_granularity();
    const Reserved reserved(4 * unit);
    const Mapped mapped(4 * unit);
    ASSERT_TRUE(os::commit(reserved.base(), unit, Access::read_write));
    fill(reserved.base(), unit, 5);
    fill(mapped.base(), mapped.bytes(), 5);
    for (std::byte* const base : {reserved.base(), mapped.base()}) {
        for (const std::size_t offset : {std::size_t{0}, unit, 3 * unit}) {
            for (const std::size_t bytes : {unit, 4 * unit}) {
                const Result<std::byte*> there = os::reserve_at(base + offset, bytes);
                ASSERT_FALSE(there);
                EXPECT_EQ(there.error(), std::errc::address_in_use);
            }
        }
        EXPECT_EQ(os::reserve_at(base - unit, 2 * unit).error(), std::errc::address_in_use);
    }
    EXPECT_TRUE(all_are(reserved.base(), unit, 5));
    EXPECT_TRUE(all_are(mapped.base(), mapped.bytes(), 5));
}

TEST(OsContract, CommittedPagesMayBeUsedAsAsked) {
    const Reserved reserved(2 * page());
    ASSERT_TRUE(os::commit(reserved.base(), page(), Access::read));
    EXPECT_TRUE(probe::can_read(reserved.base()));
    EXPECT_FALSE(probe::can_write(reserved.base()));
}

TEST(OsContract, CommittingMoreKeepsWhatIsThere) {
    const Reserved reserved(10 * page());
    for (std::size_t i = 0; i < 10; ++i) {
        ASSERT_TRUE(os::commit(reserved.base() + i * page(), page(), Access::read_write));
        fill(reserved.base() + i * page(), page(), 5);
    }
    EXPECT_TRUE(all_are(reserved.base(), 10 * page(), 5));
}

TEST(OsContract, UncommittedPagesFaultAndReadZeroWhenTheyAreCommittedAgain) {
    const Reserved reserved(4 * page());
    ASSERT_TRUE(os::commit(reserved.base(), 4 * page(), Access::read_write));
    fill(reserved.base(), 4 * page(), 5);
    ASSERT_TRUE(os::uncommit(reserved.base() + page(), 2 * page()));
    EXPECT_FALSE(probe::can_read(reserved.base() + page()));
    EXPECT_FALSE(probe::can_read(reserved.base() + 3 * page() - 1));
    EXPECT_TRUE(all_are(reserved.base(), page(), 5));
    EXPECT_TRUE(all_are(reserved.base() + 3 * page(), page(), 5));
    ASSERT_TRUE(os::commit(reserved.base() + page(), 2 * page(), Access::read_write));
    EXPECT_TRUE(all_are(reserved.base() + page(), 2 * page(), 0));
}

TEST(OsContract, MovedPagesTakeTheirBytesAlongOrStayWhereTheyAre) {
    Reserved from(8 * page());
    const Reserved to(16 * page());
    ASSERT_TRUE(os::commit(from.base(), 4 * page(), Access::read_write));
    fill(from.base(), 4 * page(), 5);
    ASSERT_TRUE(os::advise(from.base() + page(), page(), Advice::random));
    const Result<void> moved = os::move(from.base(), 4 * page(), to.base());
    if (!moved) {
        EXPECT_TRUE(is_not_supported(moved.error())) << moved.error();
        EXPECT_TRUE(all_are(from.base(), 4 * page(), 5));
        EXPECT_FALSE(probe::can_read(to.base()));
        return;
    }
    EXPECT_FALSE(probe::can_read(from.base()));
    from.lose_front(4 * page());
    EXPECT_TRUE(all_are(to.base(), 4 * page(), 5));
    EXPECT_TRUE(probe::can_write(to.base()));
    EXPECT_FALSE(probe::can_read(to.base() + 4 * page()));
    ASSERT_TRUE(os::commit(to.base() + 4 * page(), page(), Access::read_write));
    EXPECT_TRUE(all_are(to.base() + 4 * page(), page(), 0));
}

TEST(OsContract, NothingIsLeftOfAReleasedReservation) {
    std::byte* base = nullptr;
    {
        const Reserved reserved(4 * page());
        base = reserved.base();
        ASSERT_TRUE(os::commit(base, page(), Access::read_write));
    }
    EXPECT_FALSE(probe::can_read(base));
}

// -- threads -------------------------------------------------------------------------------------

int at_end_of_threads = 0;

void note_end(void* value) { at_end_of_threads += *static_cast<int*>(value); }

TEST(OsThreads, HaveAValueOfTheirOwnAndHandItOverAtTheirEnd) {
    int mine = 1;
    int others = 2;
    const int before = at_end_of_threads;
    ASSERT_TRUE(os::set_thread_value(&mine, note_end));
    std::thread([&] {
        EXPECT_EQ(os::thread_value(), nullptr);
        EXPECT_TRUE(os::set_thread_value(&others, note_end));
        EXPECT_EQ(os::thread_value(), &others);
    }).join();
    EXPECT_EQ(at_end_of_threads, before + 2);
    EXPECT_EQ(os::thread_value(), &mine);
    std::thread([] {
        EXPECT_TRUE(os::set_thread_value(&at_end_of_threads, note_end));
        EXPECT_TRUE(os::set_thread_value(nullptr, note_end));
    }).join();
    EXPECT_EQ(at_end_of_threads, before + 2);
    EXPECT_TRUE(os::set_thread_value(nullptr, note_end));
}

// -- guards ---------------------------------------------------------------------------------------

/// Committed pages of a reservation, every byte of them 5.
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

TEST(OsContract, GuardsFaultUntilTheyAreRemovedAndTheirNeighboursKeepTheirBytes) {
    const Committed committed(5 * page());
    std::byte* const guards = committed.base() + page();
    for (int round = 0; round < 2; ++round) {
        const Result<os::Guards> how = os::guard(guards, 3 * page(), Access::read_write);
        ASSERT_TRUE(how);
        EXPECT_TRUE(is_out_of_reach(guards, 3 * page()));
        EXPECT_TRUE(all_are(committed.base(), page(), 5));
        EXPECT_TRUE(all_are(committed.base() + 4 * page(), page(), 5));
        ASSERT_TRUE(os::unguard(guards + page(), page(), Access::read_write, *how));
        EXPECT_TRUE(is_out_of_reach(guards, page()));
        EXPECT_TRUE(is_out_of_reach(guards + 2 * page(), page()));
        fill(guards + page(), page(), 6);
        EXPECT_TRUE(all_are(guards + page(), page(), 6));
        for (const std::size_t rest : {std::size_t{0}, 2 * page()}) {
            ASSERT_TRUE(os::unguard(guards + rest, page(), Access::read_write, *how));
        }
        fill(guards, 3 * page(), 6);
        EXPECT_TRUE(all_are(guards, 3 * page(), 6));
    }
}

TEST(OsContract, GuardsThatAreMarksStayWhateverHappensToTheirPages) {
    const Committed committed(4 * page());
    std::byte* const base = committed.base();
    const Result<os::Guards> how = os::guard(base + page(), page(), Access::read_write);
    ASSERT_TRUE(how);
    if (*how != os::Guards::marks) {
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
    for (const Advice advice :
         {Advice::use_soon, Advice::sequential, Advice::random, Advice::normal}) {
        EXPECT_TRUE(os::advise(base, 4 * page(), advice));
        EXPECT_TRUE(os::advise_all(ranges, advice));
        EXPECT_TRUE(is_out_of_reach(base + page(), page()));
    }
    ASSERT_TRUE(os::protect(base, 4 * page(), Access::read));
    ASSERT_TRUE(os::unguard(base + page(), page(), Access::read, *how));
    EXPECT_TRUE(probe::can_read(base + page()));
    EXPECT_FALSE(probe::can_write(base + page()));
}

TEST(OsContract, GuardsMayBecomePagesOfAnotherAccessWhereTheyAreSetApart) {
    const Committed committed(3 * page());
    std::byte* const middle = committed.base() + page();
    ASSERT_TRUE(os::guard(middle, page(), Access::read_write));
    ASSERT_TRUE(os::unguard(middle, page(), Access::read, os::Guards::pages_apart));
    EXPECT_TRUE(probe::can_read(middle));
    EXPECT_FALSE(probe::can_write(middle));
    EXPECT_TRUE(probe::can_write(middle - 1));
    EXPECT_TRUE(probe::can_write(middle + page()));
}

// -- errno ---------------------------------------------------------------------------------------

TEST(OsContract, EveryVerbLeavesErrnoAlone) {
    constexpr int before = ERANGE;
    errno = before;
    const std::size_t far_too_much = std::size_t{1} << 62;
    (void)os::huge_page_size();
    std::byte* base =
        *os::map(20 * page(), std::size_t{1} << 21, Access::read_write, Charge::charged);
    EXPECT_EQ(errno, before) << "map";
    EXPECT_FALSE(os::reserve(far_too_much, 1));
    EXPECT_EQ(errno, before) << "a refused reserve";
    (void)os::resize(base, 20 * page(), far_too_much, 1);
    EXPECT_EQ(errno, before) << "a refused resize";
    const Result<std::byte*> moved = os::resize(base, 20 * page(), 30 * page(), 1);
    base = moved ? *moved : base;
    EXPECT_EQ(errno, before) << "resize";
    EXPECT_TRUE(os::zero(base, 20 * page()));
    os::clear(base, page());
    EXPECT_TRUE(os::decommit(base, page()));
    EXPECT_TRUE(os::discard(base, page()));
    EXPECT_TRUE(os::populate(base, page(), Access::read_write));
    const std::array ranges = {os::Range{base, page()}, os::Range{base + 2 * page(), page()}};
    EXPECT_TRUE(os::decommit_all(ranges));
    EXPECT_TRUE(os::discard_all(ranges));
    EXPECT_TRUE(os::advise_all(ranges, Advice::random));
    EXPECT_EQ(errno, before) << "a verb on pages in use";
    os::set_huge_pages(base, 20 * page(), HugePages::never);
    (void)os::collapse(base, 20 * page());
    for (const HugePages policy : {HugePages::system, HugePages::prefer, HugePages::require}) {
        (void)os::is_supported(policy);
    }
    EXPECT_EQ(errno, before) << "huge pages";
    for (const Advice advice : every_advice) {
        (void)os::advise(base, page(), advice);
        (void)os::is_supported(advice);
    }
    EXPECT_EQ(errno, before) << "advice";
    for (const Access access : every_access) {
        (void)os::is_enforced(access);
    }
    EXPECT_EQ(errno, before) << "is_enforced";
    for (const Feature feature : every_feature) {
        (void)os::is_supported(feature);
    }
    EXPECT_EQ(errno, before) << "is_supported";
    EXPECT_EQ(os::memory_limits().page_size, page());
    EXPECT_EQ(errno, before) << "memory_limits";
    const Result<detail::Walk*> walk = os::start_walk();
    ASSERT_TRUE(walk);
    EXPECT_TRUE(os::region_from(**walk, 0));
    os::end_walk(*walk);
    std::array<bool, 2> is_resident{};
    EXPECT_TRUE(os::resident_pages(base, is_resident));
    EXPECT_TRUE(os::resident_bytes(base, page()));
    EXPECT_EQ(errno, before) << "looking";
    if (os::make_executable(base, page(), Access::read_write, Access::read_write_exec)) {
        (void)os::publish(base, page());
    }
    EXPECT_EQ(errno, before) << "publish";
    os::unmap(base, (moved ? 30 : 20) * page());
    EXPECT_EQ(errno, before) << "unmap";
    base = *os::map(2 * page(), 1, Access::read_write, Charge::charged);
    EXPECT_EQ(os::reserve_at(base, page()).error(), std::errc::address_in_use);
    EXPECT_EQ(errno, before) << "a refused reserve_at";
    os::unmap_part(base, page(), base, false);
    os::unmap_part(base + page(), page(), base, true);
    EXPECT_EQ(errno, before) << "unmap_part";
    const Reserved target(4 * page());
    Reserved source(4 * page());
    EXPECT_TRUE(os::commit(source.base(), 2 * page(), Access::read_write));
    EXPECT_TRUE(os::uncommit(source.base() + page(), page()));
    if (os::move(source.base(), page(), target.base())) {
        source.lose_front(page());
    }
    EXPECT_EQ(errno, before) << "a verb on reservations";
    const Committed committed(2 * page());
    const Result<os::Guards> how = os::guard(committed.base(), page(), Access::read_write);
    ASSERT_TRUE(how);
    EXPECT_TRUE(os::unguard(committed.base(), page(), Access::read_write, *how));
    EXPECT_EQ(errno, before) << "a verb on guards";
}

// -- memory --------------------------------------------------------------------------------------

TEST(OsMemory, MappingAndReservingTakeNone) {
    const Mapped mapped(64 * page());
    const Reserved reserved(64 * page());
    EXPECT_EQ(probe::resident_bytes(mapped.base(), 64 * page()), 0U);
    EXPECT_EQ(probe::resident_bytes(reserved.base(), 64 * page()), 0U);
}

TEST(OsMemory, MappedPagesAreChargedWhereMemoryIsPromisedUnlessAskedNotToBe) {
    const Mapped charged(4 * page());
    const Mapped uncharged(4 * page(), Access::read_write, 1, Charge::uncharged);
    const bool is_promised = os::is_supported(Feature::commit_charge);
    EXPECT_EQ(probe::is_charged(charged.base()), is_promised);
    EXPECT_EQ(probe::is_charged(uncharged.base()),
              is_promised && !os::is_supported(Feature::uncharged_pages));
}

TEST(OsMemory, ResizingKeepsTheCharge) {
    Mapped uncharged(400 * page(), Access::read_write, 1, Charge::uncharged);
    const bool is_charged = probe::is_charged(uncharged.base());
    for (const std::size_t count : {std::size_t{4}, std::size_t{800}}) {
        const std::error_code refused = uncharged.resize(count * page());
        EXPECT_TRUE(!refused || is_not_supported(refused)) << refused;
        EXPECT_EQ(probe::is_charged(uncharged.base()), is_charged);
        EXPECT_EQ(probe::is_charged(uncharged.base() + uncharged.bytes() - 1), is_charged);
    }
}

TEST(OsMemory, IsBackWhenDecommitReturns) {
    const Mapped mapped(64 * page());
    fill(mapped.base(), mapped.bytes(), 1);
    ASSERT_EQ(probe::resident_bytes(mapped.base(), mapped.bytes()), mapped.bytes());
    ASSERT_TRUE(os::decommit(mapped.base() + page(), 62 * page()));
    EXPECT_EQ(probe::resident_bytes(mapped.base(), mapped.bytes()), 2 * page());
}

TEST(OsMemory, OfManyRangesIsBackWhenDecommitReturns) {
    const Mapped mapped(4 * page());
    for (const std::size_t count : {1U, 2U, 1023U, 1024U, 1025U, 3000U}) {
        fill(mapped.base(), mapped.bytes(), 1);
        // More than one call takes, of little memory: what comes last is elsewhere.
        std::vector<os::Range> ranges(count, {mapped.base(), page()});
        ranges.back().base += 2 * page();
        ASSERT_TRUE(os::decommit_all(ranges));
        EXPECT_EQ(probe::resident_bytes(mapped.base(), page()), count == 1 ? page() : 0U);
        EXPECT_EQ(probe::resident_bytes(mapped.base() + page(), page()), page());
        EXPECT_EQ(probe::resident_bytes(mapped.base() + 2 * page(), page()), 0U);
        EXPECT_EQ(probe::resident_bytes(mapped.base() + 3 * page(), page()), page());
    }
}

TEST(OsMemory, OfLargeZeroedPagesIsBackToo) {
    const Mapped mapped(640 * page());
    fill(mapped.base(), mapped.bytes(), 1);
    ASSERT_TRUE(os::zero(mapped.base(), mapped.bytes()));
    EXPECT_EQ(probe::resident_bytes(mapped.base(), mapped.bytes()), 0U);
}

TEST(OsMemory, OfClearedPagesStays) {
    const Mapped mapped(640 * page());
    fill(mapped.base(), mapped.bytes(), 1);
    os::clear(mapped.base(), mapped.bytes());
    EXPECT_EQ(probe::resident_bytes(mapped.base(), mapped.bytes()), mapped.bytes());
}

TEST(OsMemory, OfPopulatedPagesIsResidentAndNothingFaults) {
    if (!probe::advice_acts()) {
        GTEST_SKIP() << "an emulator takes all advice, and does nothing";
    }
    if (!probe::counts_are_ours()) {
        GTEST_SKIP() << "a shadow of all memory is counted too";
    }
    for (const Access access : {Access::read, Access::read_write}) {
        const Mapped mapped(64 * page(), access);
        ASSERT_TRUE(os::populate(mapped.base(), mapped.bytes(), access));
        EXPECT_EQ(probe::resident_bytes(mapped.base(), mapped.bytes()), mapped.bytes());
        const std::uint64_t before = probe::page_faults();
        for (std::size_t i = 0; i < mapped.bytes(); i += page()) {
            volatile std::byte* const byte = mapped.base() + i;
            if (access == Access::read_write) {
                *byte = std::byte{1};
            } else {
                (void)*byte;
            }
        }
        EXPECT_LT(probe::page_faults() - before, 32U);
    }
}

TEST(OsMemory, OfUncommittedPagesGoesBackWithItsCharge) {
    const Reserved reserved(64 * page());
    EXPECT_FALSE(probe::is_charged(reserved.base()));
    ASSERT_TRUE(os::commit(reserved.base(), 64 * page(), Access::read_write));
    EXPECT_EQ(probe::is_charged(reserved.base()), os::is_supported(Feature::commit_charge));
    fill(reserved.base(), 64 * page(), 1);
    ASSERT_EQ(probe::resident_bytes(reserved.base(), 64 * page()), 64 * page());
    ASSERT_TRUE(os::uncommit(reserved.base(), 64 * page()));
    EXPECT_FALSE(probe::is_charged(reserved.base()));
    EXPECT_EQ(probe::resident_bytes(reserved.base(), 64 * page()), 0U);
}

TEST(OsMemory, OfGuardsIsBack) {
    const Committed committed(64 * page());
    ASSERT_EQ(probe::resident_bytes(committed.base(), 64 * page()), 64 * page());
    ASSERT_TRUE(os::guard(committed.base() + page(), 62 * page(), Access::read_write));
    EXPECT_EQ(probe::resident_bytes(committed.base(), 64 * page()), 2 * page());
}

TEST(OsMemory, MovesWithoutBeingCopiedWherePagesMove) {
    Reserved from(64 * page());
    const Reserved to(64 * page());
    ASSERT_TRUE(os::commit(from.base(), 64 * page(), Access::read_write));
    fill(from.base(), 32 * page(), 1);
    // More than was filled where the system made a huge page of it.
    const std::size_t resident = probe::resident_bytes(from.base(), 64 * page());
    const std::uint64_t before = probe::page_faults();
    const Result<void> moved = os::move(from.base(), 64 * page(), to.base());
    ASSERT_EQ(moved.has_value(), os::is_supported(Feature::moving_pages));
    if (moved) {
        from.lose_front(64 * page());
        EXPECT_EQ(probe::resident_bytes(to.base(), 64 * page()), resident);
        EXPECT_LT(probe::page_faults() - before, 32U);
    }
}

TEST(OsMemory, AlignedMappingsTakeNoMoreAddressSpaceThanTheirSize) {
    const std::size_t before = probe::address_space_bytes();
    const Mapped mapped(4 * page(), Access::read_write, std::size_t{64} << 20);
    const Reserved reserved(4 * page(), std::size_t{64} << 20);
    EXPECT_LE(probe::address_space_bytes() - before, (std::size_t{1} << 20));
}

TEST(OsMemory, RunsAsCodeOnceItIsExecutable) {
    const machine_code::Code code = machine_code::add();
    const Mapped mapped(page());
    std::byte* const function = mapped.base() + 64;  // Sanitizers look at what is before it.
    std::memcpy(function, code.data(), code.size());
    ASSERT_TRUE(os::make_executable(mapped.base(), page(), Access::read_write, Access::read_exec));
    using Add = std::uint64_t(std::uint64_t, std::uint64_t);
    EXPECT_EQ(reinterpret_cast<Add*>(function)(43, 34), 77U);
}

}  // namespace
