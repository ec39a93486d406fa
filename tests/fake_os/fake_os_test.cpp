// SPDX-License-Identifier: MIT
// The fake system stops a test that breaks a precondition of os/types.hpp, and counts leaks.

#include "fake_os/fake_os.hpp"
#include "os/advice.hpp"
#include "os/code.hpp"
#include "os/contents.hpp"
#include "os/memory.hpp"
#include "os/reserve.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace {

using namespace memory_pages;
using fake::Verb;

// The real page size, so that touching freed pages really faults.
const std::size_t page = probe::page_size();

class FakeOs : public testing::Test {
protected:
    FakeOs() { fake::boot({.page_size = page, .granularity = page}); }

    static std::byte* mapped(std::size_t bytes = 4 * page,
                             os::Access access = os::Access::read_write) {
        return *os::map(bytes, 1, access, os::Charge::charged);
    }
    static std::byte* reserved(std::size_t bytes = 4 * page) { return *os::reserve(bytes, 1); }
};

TEST_F(FakeOs, StopsMappingsOfNoBytes) {
    EXPECT_DEATH((void)os::map(0, 1, os::Access::read, os::Charge::charged), "map: no pages");
    EXPECT_DEATH((void)os::reserve(0, 1), "reserve: no pages");
}

TEST_F(FakeOs, StopsMappingsOfPartialPages) {
    EXPECT_DEATH((void)os::map(100, 1, os::Access::read, os::Charge::charged), "not whole pages");
    EXPECT_DEATH((void)os::reserve(page + 1, 1), "not whole pages");
}

TEST_F(FakeOs, StopsAlignmentsThatAreNoPowerOfTwo) {
    EXPECT_DEATH((void)os::reserve(page, 3 * page), "no power of two");
    EXPECT_DEATH((void)os::reserve(page, 0), "no power of two");
}

// Pitfall: windows-allocation-bounds
TEST_F(FakeOs, StopsUnmapOfAPart) {
    std::byte* const base = mapped();
    EXPECT_DEATH(os::unmap(base, page), "unmap: only a part");
    EXPECT_DEATH(os::unmap(base + page, 3 * page), "unmap: only a part");
    EXPECT_DEATH(os::release(base, 4 * page), "not a reservation");
}

TEST_F(FakeOs, StopsASecondUnmap) {
    std::byte* const base = mapped();
    os::unmap(base, 4 * page);
    EXPECT_DEATH(os::unmap(base, 4 * page), "unmap: not within one mapping");
}

// Pitfall: windows-allocation-bounds
TEST_F(FakeOs, StopsRangesOutsideTheMapping) {
    std::byte* const base = mapped();
    EXPECT_DEATH((void)os::protect(base, 5 * page, os::Access::read), "not within one mapping");
    EXPECT_DEATH((void)os::decommit(base + 4 * page, page), "not within one mapping");
    EXPECT_DEATH((void)os::discard(base - page, 2 * page), "not within one mapping");
    EXPECT_DEATH((void)os::zero(base + 100, page), "not at a page");
    EXPECT_DEATH((void)os::advise(base, 100, Advice::normal), "not whole pages");
}

TEST_F(FakeOs, StopsOneOfManyRangesOutsideTheMapping) {
    std::byte* const base = mapped();
    EXPECT_DEATH(
        (void)os::decommit_all(std::array{os::Range{base, page}, os::Range{base + page, 8 * page}}),
        "decommit_all: not within one mapping");
    EXPECT_DEATH(
        (void)os::discard_all(std::array{os::Range{base, page}, os::Range{base + page, 0}}),
        "discard_all: no pages");
    EXPECT_DEATH((void)os::advise_all({}, Advice::normal), "advise_all: no ranges");
    os::unmap(base, 4 * page);
}

TEST_F(FakeOs, StopsUseOfReservedPages) {
    std::byte* const base = reserved();
    EXPECT_DEATH((void)os::protect(base, page, os::Access::read), "nothing is committed");
    EXPECT_DEATH((void)os::advise(base, page, Advice::normal), "nothing is committed");
    EXPECT_DEATH((void)os::uncommit(base, page), "nothing is committed");
}

TEST_F(FakeOs, StopsASecondCommit) {
    std::byte* const base = reserved();
    ASSERT_TRUE(os::commit(base, 2 * page, os::Access::read_write));
    EXPECT_DEATH((void)os::commit(base + page, page, os::Access::read_write), "committed already");
}

TEST_F(FakeOs, StopsAWrongOldAccess) {
    std::byte* const base = mapped(page, os::Access::read);
    const auto exec = os::Access::read_exec;
    EXPECT_DEATH((void)os::make_executable(base, page, os::Access::read_write, exec),
                 "the old access is another");
    EXPECT_DEATH((void)os::make_executable(base, page, os::Access::read, os::Access::read),
                 "not to executable");
    EXPECT_DEATH((void)os::populate(base, page, os::Access::read_write), "the access is another");
    EXPECT_DEATH((void)os::zero(base, page), "not writable");
    EXPECT_DEATH(os::clear(base, page), "not writable");
    EXPECT_DEATH((void)os::publish(base, 1, Publish::may_have_run), "not writable and executable");
}

TEST_F(FakeOs, StopsNestedCodeWrites) {
    EXPECT_DEATH(os::end_writing(), "without begin_writing");
    os::begin_writing();
    EXPECT_DEATH(os::begin_writing(), "does not nest");
    os::end_writing();
}

TEST_F(FakeOs, StopsUseOfMovedPages) {
    std::byte* const from = reserved();
    std::byte* const to = reserved();
    ASSERT_TRUE(os::commit(from, page, os::Access::read_write));
    ASSERT_TRUE(os::commit(to + page, page, os::Access::read_write));
    ASSERT_TRUE(os::move(from, page, to));
    EXPECT_DEATH((void)os::decommit(from, page), "not within one mapping");
    EXPECT_DEATH(os::release(from, 4 * page), "not within one mapping");
    EXPECT_DEATH(from[0] = std::byte{1}, "");
    os::release(from + page, 3 * page);
    os::release(to, 4 * page);
    EXPECT_EQ(fake::areas_left(), 0U);
}

// Pitfall: failed-remap-unmaps
TEST_F(FakeOs, StopsUseOfTheTargetOfAFailedMove) {
    std::byte* const from = reserved();
    std::byte* const to = reserved();
    ASSERT_TRUE(os::commit(from, page, os::Access::read_write));
    ASSERT_TRUE(os::commit(to + page, page, os::Access::read_write));
    fake::fail({.verb = Verb::move});
    ASSERT_FALSE(os::move(from, page, to));
    EXPECT_DEATH(os::release(to, 4 * page), "not within one mapping");
    os::release(to + 2 * page, 2 * page);
    os::release(from, 4 * page);
    EXPECT_EQ(fake::areas_left(), 0U);
}

TEST_F(FakeOs, CountsMappedPages) {
    std::byte* const mapping = mapped(3 * page);
    std::byte* const uncharged = *os::map(2 * page, 1, os::Access::read, os::Charge::uncharged);
    std::byte* const reservation = reserved();
    ASSERT_TRUE(os::commit(reservation + page, page, os::Access::read));
    EXPECT_EQ(fake::areas_left(), 3U);
    EXPECT_EQ(fake::bytes_of_address_space(), 9 * page);
    EXPECT_EQ(fake::bytes_in_use(), 6 * page);
    EXPECT_EQ(fake::bytes_charged(), 4 * page);
    os::unmap(mapping, 3 * page);
    os::unmap(uncharged, 2 * page);
    os::release(reservation, 4 * page);
    EXPECT_EQ(fake::areas_left(), 0U);
    EXPECT_EQ(fake::bytes_in_use(), 0U);
}

TEST_F(FakeOs, RefusesOnlyTheNthCall) {
    fake::fail({.nth = 2, .verb = Verb::advise, .error = PageError::lock_limit});
    std::byte* const base = mapped();
    EXPECT_TRUE(os::advise(base, page, Advice::normal));
    EXPECT_TRUE(os::protect(base, page, os::Access::read));
    EXPECT_EQ(os::advise(base, page, Advice::normal).error(), os::Error::lock_limit);
    EXPECT_TRUE(os::advise(base, page, Advice::normal));
    EXPECT_EQ(fake::stop_failing(), Verb::advise);
    os::unmap(base, 4 * page);
}

TEST_F(FakeOs, FillsDecommittedPagesWithGarbage) {
    std::byte* const base = mapped();
    ASSERT_TRUE(os::decommit(base, page));
    ASSERT_TRUE(os::discard(base + page, page));
    EXPECT_EQ(base[0], fake::indeterminate);
    EXPECT_EQ(base[2 * page - 1], fake::indeterminate);
    EXPECT_EQ(base[2 * page], std::byte{0});
    os::unmap(base, 4 * page);
}

TEST_F(FakeOs, AlignsNoBetterThanRequested) {
    for (std::size_t alignment = page; alignment <= 1024 * page; alignment *= 4) {
        std::byte* const base = *os::map(page, alignment, os::Access::read, os::Charge::charged);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(base) % (2 * alignment), alignment);
        os::unmap(base, page);
    }
}

}  // namespace
