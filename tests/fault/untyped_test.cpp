// SPDX-License-Identifier: MIT
// The verbs by address on a system that refuses them: each makes one call, and passes its error on.

#include <memory_pages/untyped.hpp>

#include "fake_os/fake_os.hpp"
#include "fault/machines.hpp"

#include <memory_pages/page_size.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <system_error>
#include <vector>

namespace {

using namespace memory_pages;
using fake::Verb;

std::size_t page() { return page_size(); }

class FaultyUntyped : public fake::EveryMachine {};

INSTANTIATE_TEST_SUITE_P(, FaultyUntyped, testing::ValuesIn(fake::every_machine),
                         fake::name_of_machine);

struct Case {
    Verb verb;
    std::function<Result<void>(std::byte*)> call;
};

const std::vector<Case>& cases() {
    static const std::vector<Case> all = {
        {Verb::unmap_any, [](std::byte* at) { return untyped::unmap(at, page()); }},
        {Verb::protect, [](std::byte* at) { return untyped::protect(at, page(), Access::read); }},
        {Verb::make_executable,
         [](std::byte* at) { return untyped::protect(at, page(), Access::read_exec); }},
        {Verb::decommit_any, [](std::byte* at) { return untyped::decommit(at, page()); }},
        {Verb::discard_any, [](std::byte* at) { return untyped::discard(at, page()); }},
        {Verb::zero_any, [](std::byte* at) { return untyped::zero(at, page()); }},
        {Verb::populate, [](std::byte* at) { return untyped::populate(at, page()); }},
        {Verb::advise, [](std::byte* at) { return untyped::advise(at, page(), Advice::random); }},
        {Verb::collapse, [](std::byte* at) { return untyped::collapse(at, page()); }},
        {Verb::resize_any,
         [](std::byte* at) {
             const auto moved = untyped::resize(at, page(), 2 * page());
             return moved ? Result<void>() : Result<void>(std::unexpected(moved.error()));
         }},
        {Verb::commit_any,
         [](std::byte* at) { return untyped::commit(at, page(), Access::read_write); }},
    };
    return all;
}

TEST_P(FaultyUntyped, PassesARefusalOnAndChangesNothing) {
    for (const Case& each : cases()) {
        std::byte* const base = *untyped::map(page(), Access::read_write);
        base[0] = std::byte{42};
        fake::forget_calls();
        fake::fail({.verb = each.verb, .error = fake::refusal});
        const Result<void> done = each.call(base);
        EXPECT_EQ(fake::stop_failing(), each.verb) << fake::name_of(each.verb);
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error(), fake::refusal);
        EXPECT_EQ(fake::calls().size(), 1U) << fake::name_of(each.verb);
        EXPECT_EQ(base[0], std::byte{42});
        EXPECT_TRUE(fake::is_all(base, page(), Access::read_write));
        EXPECT_TRUE(untyped::unmap(base, page()));
    }
    EXPECT_EQ(fake::areas_left(), 0U);
}

TEST_P(FaultyUntyped, MapsAndReservesOrLeavesNothing) {
    for (const Verb verb : {Verb::map, Verb::reserve, Verb::populate}) {
        fake::fail({.verb = verb, .error = fake::refusal});
        const Result<std::byte*> base =
            verb == Verb::reserve
                ? untyped::reserve(page())
                : untyped::map(page(), Access::read_write, {.populate = verb == Verb::populate});
        fake::stop_failing();
        ASSERT_FALSE(base);
        EXPECT_EQ(base.error(), fake::refusal);
        EXPECT_EQ(fake::areas_left(), 0U);
    }
}

TEST_P(FaultyUntyped, TakesPagesOfAReservationAtAnyTime) {
    std::byte* const base = *untyped::reserve(8 * page());
    ASSERT_TRUE(untyped::commit(base + page(), page(), Access::read_write));
    base[page()] = std::byte{42};
    ASSERT_TRUE(untyped::commit(base, 4 * page(), Access::read_write));
    EXPECT_EQ(base[page()], std::byte{42});
    EXPECT_EQ(fake::bytes_in_use(), 4 * page());
    ASSERT_TRUE(untyped::uncommit(base, 4 * page()));
    EXPECT_EQ(fake::bytes_in_use(), 0U);
    ASSERT_TRUE(untyped::unreserve(base, 8 * page()));
    EXPECT_EQ(fake::areas_left(), 0U);
}

TEST_P(FaultyUntyped, RefusesPartsOfHugePages) {
    fake::Machine machine = GetParam();
    machine.huge_page_size = std::size_t{2} << 20;
    machine.huge_pages = 4;
    fake::boot(machine);
    for (const HugePages policy : {HugePages::prefer, HugePages::require}) {
        const Result<std::byte*> base =
            untyped::map(page(), Access::read_write, {.huge_pages = policy});
        ASSERT_FALSE(base);
        EXPECT_EQ(base.error(), std::errc::invalid_argument);
        EXPECT_TRUE(fake::calls().empty());
    }
}

}  // namespace
