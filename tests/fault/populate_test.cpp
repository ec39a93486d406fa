// SPDX-License-Identifier: MIT
// The pieces of populate, and its result when the system refuses one. The fake system is for one
// thread.

#include "machines.hpp"
#include "support/fails.hpp"

#include <memory_pages/populate.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace {

using namespace memory_pages;
using fake::Verb;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

constexpr std::size_t mebi = std::size_t{1} << 20;

class FaultyPopulate : public fake::EveryMachine {};

INSTANTIATE_TEST_SUITE_P(, FaultyPopulate, testing::ValuesIn(fake::every_machine),
                         fake::name_of_machine);

/// The sizes of the pieces, in order.
std::vector<std::size_t> pieces_of(const ReadWrite& pages, std::size_t offset, std::size_t bytes) {
    fake::forget_calls();
    populate(pages, offset, bytes, {.threads = 1});
    std::vector<std::size_t> sizes;
    const std::byte* next = nullptr;
    for (const fake::Call& call : fake::calls()) {
        EXPECT_EQ(call.verb, Verb::populate);
        EXPECT_TRUE(next == nullptr || next == call.base) << "without gaps";
        next = call.base + call.bytes;
        sizes.push_back(call.bytes);
    }
    return sizes;
}

using Sizes = std::vector<std::size_t>;

TEST_P(FaultyPopulate, PopulatesAlignedPieces) {
    const ReadWrite pages(64 * mebi);
    EXPECT_EQ(pieces_of(pages, 0, 64 * mebi), Sizes(4, 16 * mebi));
    EXPECT_EQ(pieces_of(pages, mebi, 16 * mebi), (Sizes{15 * mebi, mebi}));
    EXPECT_EQ(pieces_of(pages, 17 * mebi, 2 * mebi), Sizes{2 * mebi});
    EXPECT_EQ(pieces_of(pages, 32 * mebi - 1, 2), (Sizes{page(), page()}));
    EXPECT_EQ(pieces_of(pages, 5, 0), Sizes{});
}

TEST_P(FaultyPopulate, PopulatesWholeHugePages) {
    fake::machine().huge_page_size = 32 * mebi;
    const ReadWrite pages(80 * mebi);
    EXPECT_EQ(pieces_of(pages, 0, 80 * mebi), (Sizes{32 * mebi, 32 * mebi, 16 * mebi}));
}

TEST_P(FaultyPopulate, StopsAtTheFirstRefusalAndReportsIt) {
    const ReadWrite pages(64 * mebi);
    for (std::size_t nth = 1; nth <= 4; ++nth) {
        std::size_t reported = 0;
        const auto progress = [&](std::size_t done, std::size_t) { reported = done; };
        fake::forget_calls();
        fake::fail({.nth = nth, .verb = Verb::populate, .error = PageError::lock_limit});
        EXPECT_EQ(try_populate(pages, {.threads = 1, .progress = progress}).error(),
                  PageError::lock_limit);
        EXPECT_EQ(fake::stop_failing(), Verb::populate);
        EXPECT_EQ(fake::count_of(Verb::populate), nth) << "and no more";
        EXPECT_EQ(reported, (nth - 1) * 16 * mebi);
    }
    fake::fail({.verb = Verb::populate, .error = PageError::lock_limit});
    EXPECT_FAILS(populate(pages, {.threads = 1}), PageError::lock_limit);
    fake::stop_failing();
}

TEST_P(FaultyPopulate, MakesNoSystemCallForABadRange) {
    const ReadWrite pages(16 * mebi);
    fake::forget_calls();
    EXPECT_EQ(try_populate(pages, 1, 16 * mebi).error(), std::errc::invalid_argument);
    EXPECT_EQ(try_populate(pages, 16 * mebi + 1, 0).error(), std::errc::invalid_argument);
    EXPECT_TRUE(fake::calls().empty());
}

}  // namespace
