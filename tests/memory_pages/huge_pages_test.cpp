// SPDX-License-Identifier: MIT
#include <memory_pages/feature.hpp>
#include <memory_pages/huge_pages.hpp>
#include <memory_pages/page_pool.hpp>
#include <memory_pages/page_size.hpp>
#include <memory_pages/paged_vec.hpp>
#include <memory_pages/pages.hpp>

#include "support/checks.hpp"
#include "support/fails.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using ReadOnly = Pages<AllowRead, DenyWrite, DenyExec>;

constexpr std::size_t mib = std::size_t{1} << 20;

std::size_t huge() { return huge_page_size(); }

bool is_multiple(const void* address, std::size_t of) {
    return reinterpret_cast<std::uintptr_t>(address) % of == 0;
}

/// Sets the default of the process, and restores it.
class Default {
public:
    explicit Default(HugePages policy) { set_default_huge_pages(policy); }
    Default(const Default&) = delete;
    Default& operator=(const Default&) = delete;
    ~Default() { set_default_huge_pages(before_); }

private:
    HugePages before_ = default_huge_pages();
};

TEST(HugePagesDefault, IsPreferredAndCanBeSet) {
    EXPECT_EQ(default_huge_pages(), HugePages::prefer);
    const Default never(HugePages::never);
    EXPECT_EQ(default_huge_pages(), HugePages::never);
}

TEST(HugePagesSupport, IsTrueWhenNothingIsRequested) {
    EXPECT_TRUE(is_supported(HugePages::system));
    EXPECT_TRUE(is_supported(HugePages::never));
}

TEST(HugePagesPreferred, AreNeverAnError) {
    ReadWrite pages(1, {.huge_pages = HugePages::prefer});
    EXPECT_GE(pages.size(), page_size());
    pages[pages.size() - 1] = 1;
    EXPECT_EQ(pages[0], 0);
}

TEST(HugePagesPreferred, RefuseSizesThatOverflow) {
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
    EXPECT_EQ(ReadWrite::try_new(most - page_size(), {.huge_pages = HugePages::prefer}).error(),
              std::errc::not_enough_memory);
}

/// On systems with transparent huge pages.
class BuiltHugePages : public testing::Test {
protected:
    void SetUp() override {
        if (!probe::advice_acts()) {
            GTEST_SKIP() << "an emulator takes all advice, and does nothing";
        }
        if (!is_supported(HugePages::prefer) || huge() > 32 * mib) {
            GTEST_SKIP() << "the system builds no huge pages, or none of a size to take unasked";
        }
    }

    /// Most of the bytes: how many must be huge at least.
    static std::size_t nearly(std::size_t bytes) { return bytes / 100 * 95; }

    /// What a touch makes resident without a policy: some systems use a huge page wherever one
    /// fits.
    static std::size_t least_that_is_touched() {
        ReadWrite pages(huge(), {.alignment = huge()});
        pages[0] = 1;
        return probe::resident_bytes(pages.data(), pages.size());
    }

    static PagedVec<std::uint64_t> vector_of(std::size_t bytes) {
        PagedVec<std::uint64_t> vec;
        for (std::size_t i = 0; i < bytes / sizeof(std::uint64_t); ++i) {
            vec.push_back(i);
        }
        return vec;
    }
};

TEST_F(BuiltHugePages, BackPagesThatPreferThem) {
    ReadWrite pages(20 * huge() + 1, {.huge_pages = HugePages::prefer});
    EXPECT_TRUE(is_multiple(pages.data(), huge()));
    EXPECT_EQ(pages.size(), 21 * huge());
    std::ranges::fill(pages, 1);
    EXPECT_GE(probe::huge_bytes(pages.data(), pages.size()), nearly(pages.size()));
}

TEST_F(BuiltHugePages, BackPagesWhenPopulated) {
    const ReadWrite pages(4 * huge(), {.populate = true, .huge_pages = HugePages::prefer});
    EXPECT_GE(probe::huge_bytes(pages.data(), pages.size()), nearly(pages.size()));
}

// Pitfall: collapse-refused
TEST_F(BuiltHugePages, AreNotUsedForPagesThatForbidThem) {
    ReadWrite pages(4 * huge(), {.alignment = huge(), .huge_pages = HugePages::never});
    std::ranges::fill(pages, 1);
    EXPECT_EQ(probe::huge_bytes(pages.data(), pages.size()), 0U);
    EXPECT_EQ(pages.try_collapse().error(), std::errc::operation_not_supported);
}

TEST_F(BuiltHugePages, AreFreedByOrdinaryPages) {
    ReadWrite pages(2 * huge(), {.huge_pages = HugePages::prefer});
    std::ranges::fill(pages, 1);
    pages.decommit(page_size(), page_size());
    EXPECT_EQ(probe::resident_bytes(pages.data(), pages.size()), pages.size() - page_size());
    pages.zero(3 * page_size(), page_size());
    EXPECT_EQ(pages[3 * page_size()], 0);
    EXPECT_EQ(pages[2 * page_size()], 1);
}

TEST_F(BuiltHugePages, AreKeptByResize) {
    ReadWrite pages(4 * huge(), {.huge_pages = HugePages::prefer});
    std::ranges::fill(pages, 1);
    for (const std::size_t count : {std::size_t{9}, std::size_t{3}, std::size_t{12}}) {
        pages.resize(count * huge() - 1);
        EXPECT_EQ(pages.size(), count * huge());
        EXPECT_TRUE(is_multiple(pages.data(), huge()));
        std::ranges::fill(pages, 2);
        EXPECT_GE(probe::huge_bytes(pages.data(), pages.size()), nearly(pages.size()));
    }
}

TEST_F(BuiltHugePages, AreKeptWhenPermissionsChange) {
    ReadWrite pages(4 * huge(), {.huge_pages = HugePages::prefer});
    std::ranges::fill(pages, 3);
    const ReadOnly frozen = std::move(pages).deny_write();
    EXPECT_GE(probe::huge_bytes(frozen.data(), frozen.size()), nearly(frozen.size()));
    EXPECT_EQ(frozen[frozen.size() - 1], 3);
}

TEST_F(BuiltHugePages, AreBuiltByCollapseOfFilledPages) {
    if (!is_supported(Feature::collapsing)) {
        GTEST_SKIP() << "the kernel collapses nothing";
    }
    ReadWrite pages(4 * huge(), {.alignment = huge()});
    std::ranges::fill(pages, 4);
    pages.collapse();
    EXPECT_GE(probe::huge_bytes(pages.data(), pages.size()), nearly(pages.size()));
    EXPECT_TRUE(std::ranges::all_of(pages, [](std::uint8_t byte) { return byte == 4; }));
}

TEST_F(BuiltHugePages, BackLargeVectors) {
    const auto vec = vector_of(20 * huge());
    EXPECT_GE(probe::huge_bytes(vec.data(), vec.size() * 8), 18 * huge());
    EXPECT_EQ(vec[vec.size() - 1], vec.size() - 1);
}

TEST_F(BuiltHugePages, BackVectorsCreatedWithTheirSize) {
    const PagedVec<std::uint8_t> vec(20 * huge() + 1, 7);
    EXPECT_GE(probe::huge_bytes(vec.data(), vec.size()), 18 * huge());
}

// Pitfall: huge-pages-everywhere
TEST_F(BuiltHugePages, AddNoMemoryToSmallVectors) {
    const auto vec = vector_of(3 * page_size());
    EXPECT_LE(probe::resident_bytes(vec.data(), vec.capacity() * 8), 3 * page_size());

    auto roomy = PagedVec<std::uint8_t>::with_capacity(16 * huge());
    roomy.push_back(1);
    EXPECT_EQ(probe::resident_bytes(roomy.data(), roomy.capacity()), least_that_is_touched());
}

// Pitfall: huge-page-partly-freed
TEST_F(BuiltHugePages, AddAtMostOneHugePageToAVector) {
    PagedVec<std::uint8_t> vec;
    for (const std::size_t tenths : {1U, 7U, 11U, 25U, 43U, 81U}) {
        const std::size_t held = tenths * huge() / 10;
        vec.resize(held, 1);
        const std::size_t resident = probe::resident_bytes(vec.data(), vec.capacity());
        EXPECT_GE(resident, held);
        EXPECT_LE(resident, held + huge()) << tenths;
    }
}

// Pitfall: huge-page-partly-freed
TEST_F(BuiltHugePages, BackAVectorAgainAfterClear) {
    auto vec = vector_of(20 * huge());
    vec.clear_decommit();
    EXPECT_EQ(probe::resident_bytes(vec.data(), vec.capacity() * 8), 0U);
    vec.resize(20 * huge() / 8, 1);
    EXPECT_GE(probe::huge_bytes(vec.data(), vec.size() * 8), 18 * huge());
}

// Pitfall: advice-splits-vector
TEST_F(BuiltHugePages, StayWhenAVectorMovesToMoreAddressSpace) {
    PagedVec<std::uint8_t> vec;
    vec.resize(huge() * 4, 1);
    const std::size_t first = vec.stable_capacity();
    vec.resize(first + 2 * huge(), 2);
    ASSERT_GT(vec.stable_capacity(), first);
    EXPECT_EQ(vec[0], 1);
    EXPECT_EQ(vec[first], 2);
    EXPECT_GE(probe::huge_bytes(vec.data(), vec.size()), nearly(vec.size() - 2 * huge()));
}

TEST_F(BuiltHugePages, AreNotUsedForVectorsThatForbidThem) {
    PagedVec<std::uint8_t> vec;
    vec.set_huge_pages(HugePages::never);
    vec.resize(8 * huge(), 1);
    EXPECT_EQ(probe::huge_bytes(vec.data(), vec.size()), 0U);
    PagedVec<std::uint8_t> moved = std::move(vec);
    moved.resize(16 * huge(), 1);
    EXPECT_EQ(probe::huge_bytes(moved.data(), moved.size()), 0U);
}

// Pitfall: huge-pages-everywhere
TEST_F(BuiltHugePages, AreNotUsedForVectorsWhenTheProcessForbidsThem) {
    const Default never(HugePages::never);
    PagedVec<std::uint8_t> vec(8 * huge(), 1);
    EXPECT_EQ(probe::huge_bytes(vec.data(), vec.size()), 0U);
    vec.set_huge_pages(HugePages::prefer);
    vec.resize(16 * huge(), 1);
    EXPECT_GE(probe::huge_bytes(vec.data(), vec.size()), 7 * huge());
}

TEST_F(BuiltHugePages, AreBuiltByCollapseOfAVector) {
    if (!is_supported(Feature::collapsing)) {
        GTEST_SKIP() << "the kernel collapses nothing";
    }
    auto vec = vector_of(4 * huge());
    vec.collapse();
    EXPECT_GE(probe::huge_bytes(vec.data(), vec.size() * 8), nearly(4 * huge()));
    EXPECT_EQ(vec[1000], 1000U);
    PagedVec<int> empty;
    EXPECT_TRUE(empty.try_collapse());
}

TEST(Collapse, SaysWhetherItIsSupported) {
    ReadWrite pages(std::max(huge(), page_size()), {.alignment = std::max(huge(), page_size())});
    pages[0] = 5;
    const Result<void> done = pages.try_collapse();
    if (!is_supported(Feature::collapsing)) {
        EXPECT_EQ(done.error(), std::errc::operation_not_supported);
        EXPECT_FAILS(pages.collapse(), std::errc::operation_not_supported);
    }
    EXPECT_EQ(pages[0], 5);
    EXPECT_EQ(pages.try_collapse(pages.size() + 1, 1).error(), std::errc::invalid_argument);
}

// -- required -------------------------------------------------------------------------------------

// Pitfall: huge-pool-empty
TEST(HugePagesRequired, AreMappedOrTheErrorNamesTheSetting) {
    Result<ReadWrite> pages = ReadWrite::try_new(1, {.huge_pages = HugePages::require});
    ASSERT_EQ(pages.has_value(), is_supported(HugePages::require));
    if (!pages) {
        EXPECT_TRUE(pages.error() == PageError::huge_page_limit ||
                    pages.error() == std::errc::operation_not_supported)
            << pages.error();
        return;
    }
    EXPECT_EQ(pages->size(), huge());
    EXPECT_TRUE(is_multiple(pages->data(), huge()));
    (*pages)[huge() - 1] = 1;
    EXPECT_EQ(pages->try_decommit(0, page_size()).error(), std::errc::invalid_argument);
}

// Pitfall: huge-pages-uncharged
TEST(HugePagesRequired, CannotBeUncharged) {
    EXPECT_FAILS(ReadWrite(1, {.uncharged = true, .huge_pages = HugePages::require}),
                 std::errc::invalid_argument);
}

using checks::Contract;

TEST_F(Contract, GrowingPagesCannotRequireHugePages) {
    constexpr HugePages wrong = HugePages::require;
    EXPECT_DEATH(set_default_huge_pages(wrong), "memory_pages: set_default_huge_pages: ");
    EXPECT_DEATH(PagedVec<int>().set_huge_pages(wrong), "memory_pages: PagedVec::set_huge_pages: ");
    EXPECT_DEATH(PagePool({.huge_pages = wrong}), "memory_pages: PagePool: ");
}

}  // namespace
}  // namespace memory_pages
