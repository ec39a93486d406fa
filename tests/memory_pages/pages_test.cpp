// SPDX-License-Identifier: MIT
#include <memory_pages/pages.hpp>

#include "support/fails.hpp"
#include "support/probe.hpp"
#include "support/threads.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <ranges>
#include <span>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using ReadOnly = Pages<AllowRead, DenyWrite, DenyExec>;
using WriteOnly = Pages<DenyRead, AllowWrite, DenyExec>;
using NoAccess = Pages<DenyRead, DenyWrite, DenyExec>;

constexpr std::size_t largest = std::numeric_limits<std::size_t>::max();

std::size_t page() { return probe::page_size(); }

// -- what the type is ---------------------------------------------------------------------------

static_assert(sizeof(ReadWrite) == 2 * sizeof(void*) && sizeof(NoAccess) == 2 * sizeof(void*));
static_assert(std::is_nothrow_move_constructible_v<ReadWrite>);
static_assert(std::is_nothrow_move_assignable_v<ReadWrite>);
static_assert(std::is_nothrow_swappable_v<ReadWrite>);
static_assert(!std::is_copy_constructible_v<ReadWrite> && !std::is_copy_assignable_v<ReadWrite>);
static_assert(std::is_nothrow_default_constructible_v<ReadWrite>);
static_assert(!std::is_convertible_v<std::size_t, ReadWrite>);
static_assert(!std::is_constructible_v<ReadOnly, ReadWrite>, "only a transition changes the type");
static_assert(std::ranges::contiguous_range<ReadWrite> && std::ranges::sized_range<ReadWrite>);
static_assert(std::ranges::contiguous_range<const ReadOnly>);

// A function deleted with a reason does not satisfy a requirement.
template <class P>
concept GivesUpAnLvalue =
    requires(P& pages) { pages.deny_write(); } || requires(P& pages) { pages.try_deny_write(); } ||
    requires(P& pages) { pages.release(); } || requires(P& pages) { pages.split_at(1); } ||
    requires(P& pages, P& behind) { std::move(pages).join(behind); };
static_assert(!GivesUpAnLvalue<ReadWrite> && !GivesUpAnLvalue<const ReadWrite>);
template <class P>
concept Resizes = requires(P& pages) { pages.resize(1); };
static_assert(Resizes<ReadWrite> && Resizes<WriteOnly> && !Resizes<ReadOnly>);
template <class P>
concept Runs = requires(P& pages) { pages.get_fn_ptr(); };
static_assert(!Runs<ReadWrite> && !Runs<ReadOnly>);

template <class P>
concept Readable = requires(const P& pages) {
    pages[0];
    pages.at(0);
    pages.data();
    pages.bytes();
    pages.template as<int>();
    pages.begin();
    pages.end();
    pages.get_ptr();
    pages.read([](std::span<const std::uint8_t>) {});
};
template <class P>
concept PartlyReadable =
    requires(P& pages) { pages[0]; } || requires(P& pages) { pages.at(0); } ||
    requires(P& pages) { pages.data(); } || requires(P& pages) { pages.bytes(); } ||
    requires(P& pages) { pages.template as<int>(); } || requires(P& pages) { pages.begin(); } ||
    requires(P& pages) { pages.end(); } || requires(P& pages) { pages.get_ptr(); } ||
    requires(P& pages) { pages.read([](auto) {}); };
template <class P>
concept Changeable = requires(P& pages) {
    pages.get_ptr_mut();
    pages.write_at(0, std::span<const std::uint8_t>());
    pages.write([](std::span<std::uint8_t>) {});
    pages.decommit();
    pages.discard();
    pages.zero();
    pages.resize(1);
};
template <class P>
concept PartlyChangeable =
    requires(P& pages) { pages.get_ptr_mut(); } ||
    requires(P& pages) { pages.write_at(0, std::span<const std::uint8_t>()); } ||
    requires(P& pages) { pages.write([](auto) {}); } || requires(P& pages) { pages.decommit(); } ||
    requires(P& pages) { pages.discard(); } || requires(P& pages) { pages.zero(); } ||
    requires(P& pages) { pages.resize(1); };

static_assert(Readable<ReadWrite> && Changeable<ReadWrite>);
static_assert(Readable<ReadOnly> && !PartlyChangeable<ReadOnly>);
static_assert(!PartlyReadable<WriteOnly> && Changeable<WriteOnly>);
static_assert(!PartlyReadable<NoAccess> && !PartlyChangeable<NoAccess>);
static_assert(!PartlyChangeable<const ReadWrite>, "what is const cannot be changed");
template <class P>
concept Populatable = requires(const P& pages) { pages.populate(); };

static_assert(Populatable<ReadOnly> && Populatable<WriteOnly> && !Populatable<NoAccess>);

// -- making them --------------------------------------------------------------------------------

TEST(Pages, AreEmptyByDefault) {
    ReadWrite pages;
    EXPECT_EQ(pages.size(), 0U);
    ReadWrite others(1);
    swap(pages, others);
    EXPECT_EQ(others.size(), 0U);
    pages[0] = 7;
    others = std::move(pages);
    EXPECT_EQ(others[0], 7U);
    others = {};
    EXPECT_EQ(others.size(), 0U);
}

TEST(Pages, ReadZeroWhenNew) {
    const ReadWrite pages(4 * page());
    EXPECT_TRUE(std::ranges::all_of(pages, [](std::uint8_t byte) { return byte == 0; }));
}

TEST(Pages, AreRoundedUpToWholePages) {
    EXPECT_EQ(ReadWrite(1).size(), page());
    EXPECT_EQ(ReadWrite(page()).size(), page());
    EXPECT_EQ(ReadWrite(page() + 1).size(), 2 * page());
}

TEST(Pages, StartAtAPageBoundary) {
    const ReadWrite pages(1);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pages.data()) % page(), 0U);
}

TEST(Pages, RefuseASizeOfZero) {
    EXPECT_FAILS(ReadWrite(0), std::errc::invalid_argument);
    EXPECT_EQ(ReadWrite::try_new(0).error(), std::errc::invalid_argument);
}

TEST(Pages, RefuseSizesThatFitNowhere) {
    for (const std::size_t bytes : {largest, largest - page(), largest / 2}) {
        EXPECT_FAILS(ReadWrite(bytes), std::errc::not_enough_memory);
        EXPECT_EQ(ReadWrite::try_new(bytes).error(), std::errc::not_enough_memory);
    }
}

TEST(Pages, AreUnmappedAtTheirEnd) {
    const std::uint8_t* address = nullptr;
    {
        ReadWrite pages(16 * page());
        pages[0] = 7;
        address = pages.data();
        EXPECT_TRUE(probe::holds(address, 7));
    }
    EXPECT_FALSE(probe::holds(address, 7));
}

// -- moving -------------------------------------------------------------------------------------

TEST(Pages, MoveWithoutMovingTheirBytes) {
    ReadWrite from(page());
    from[0] = 1;
    const std::uint8_t* const address = from.data();
    const ReadWrite to(std::move(from));
    EXPECT_EQ(to.data(), address);
    EXPECT_EQ(to[0], 1);
    EXPECT_EQ(from.size(), 0U);
}

TEST(Pages, UnmapTheOldPagesWhenAssigned) {
    ReadWrite from(page());
    ReadWrite to(16 * page());
    from[0] = 1;
    to[0] = 7;
    const std::uint8_t* const old = to.data();
    to = std::move(from);
    EXPECT_FALSE(probe::holds(old, 7));
    EXPECT_EQ(to[0], 1);
    EXPECT_EQ(to.size(), page());
    EXPECT_EQ(from.size(), 0U);
}

TEST(Pages, SwapTheirBytes) {
    ReadWrite one(page());
    ReadWrite two(2 * page());
    one[0] = 1;
    two[0] = 2;
    swap(one, two);
    EXPECT_EQ(one.size(), 2 * page());
    EXPECT_EQ(one[0], 2);
    one.swap(two);
    EXPECT_EQ(one.size(), page());
    EXPECT_EQ(two[0], 2);
}

/// Moves the pages away without the compiler noticing.
void take_from(ReadWrite& pages) { const ReadWrite taken(std::move(pages)); }

TEST(Pages, CanBeAssignedAfterAMove) {
    ReadWrite pages(page());
    take_from(pages);
    EXPECT_EQ(pages.size(), 0U);
    pages = ReadWrite(2 * page());
    pages[page()] = 1;
    EXPECT_EQ(pages.size(), 2 * page());
    EXPECT_EQ(pages[page()], 1);
}

TEST(Pages, CanBeMovedAndSwappedAfterAMove) {
    ReadWrite pages(page());
    take_from(pages);
    ReadWrite also_empty(std::move(pages));
    EXPECT_EQ(also_empty.size(), 0U);
    ReadWrite full(page());
    full.swap(also_empty);
    EXPECT_EQ(full.size(), 0U);
    EXPECT_EQ(also_empty.size(), page());
    also_empty = std::move(full);
    EXPECT_EQ(also_empty.size(), 0U);
}

// -- the ranges of verbs --------------------------------------------------------------------------

/// Pages full of `value`.
ReadWrite filled(std::size_t pages, std::uint8_t value = 0x5a) {
    ReadWrite all(pages * page());
    std::ranges::fill(all, value);
    return all;
}

bool all_are(std::span<const std::uint8_t> bytes, std::uint8_t value) {
    return std::ranges::all_of(bytes, [value](std::uint8_t byte) { return byte == value; });
}

/// A verb in both of its forms.
struct Verb {
    const char* name;
    std::function<void(ReadWrite&, std::size_t, std::size_t)> call;
    std::function<Result<void>(ReadWrite&, std::size_t, std::size_t)> try_call;
};

const std::vector<Verb>& hints() {
    static const std::vector<Verb> all = {
        {"advise", [](auto& p, auto at, auto n) { p.advise(Advice::random, at, n); },
         [](auto& p, auto at, auto n) { return p.try_advise(Advice::random, at, n); }},
        {"advise_use_soon", [](auto& p, auto at, auto n) { p.advise_use_soon(at, n); },
         [](auto& p, auto at, auto n) { return p.try_advise(Advice::use_soon, at, n); }},
        {"populate", [](auto& p, auto at, auto n) { p.populate(at, n); },
         [](auto& p, auto at, auto n) { return p.try_populate(at, n); }}};
    return all;
}

const std::vector<Verb>& destroyers() {
    static const std::vector<Verb> all = {
        {"decommit", [](auto& p, auto at, auto n) { p.decommit(at, n); },
         [](auto& p, auto at, auto n) { return p.try_decommit(at, n); }},
        {"discard", [](auto& p, auto at, auto n) { p.discard(at, n); },
         [](auto& p, auto at, auto n) { return p.try_discard(at, n); }},
        {"zero", [](auto& p, auto at, auto n) { p.zero(at, n); },
         [](auto& p, auto at, auto n) { return p.try_zero(at, n); }}};
    return all;
}

void expect_refused(const Verb& verb, ReadWrite& pages, std::size_t offset, std::size_t bytes) {
    SCOPED_TRACE(testing::Message() << verb.name << " from " << offset << ", " << bytes);
    EXPECT_FAILS(verb.call(pages, offset, bytes), std::errc::invalid_argument);
    const Result<void> refused = verb.try_call(pages, offset, bytes);
    EXPECT_FALSE(refused);
    EXPECT_EQ(refused.error(), std::errc::invalid_argument);
}

void expect_nothing_done(const Verb& verb, ReadWrite& pages, std::size_t offset) {
    SCOPED_TRACE(testing::Message() << verb.name << " of nothing at " << offset);
    verb.call(pages, offset, 0);
    EXPECT_TRUE(verb.try_call(pages, offset, 0));
}

TEST(Ranges, SucceedWhenEmpty) {
    ReadWrite pages = filled(4);
    for (const auto& verbs : {hints(), destroyers()}) {
        for (const Verb& verb : verbs) {
            for (const std::size_t offset : {std::size_t{0}, page(), pages.size()}) {
                expect_nothing_done(verb, pages, offset);
            }
            verb.call(pages, pages.size(), ReadWrite::to_end);
        }
    }
    EXPECT_TRUE(all_are(pages.bytes(), 0x5a));
    EXPECT_EQ(probe::resident_bytes(pages.data(), pages.size()), pages.size());
}

TEST(Ranges, AreRefusedOutsideThePages) {
    ReadWrite pages = filled(4);
    const std::size_t size = pages.size();
    for (const auto& verbs : {hints(), destroyers()}) {
        for (const Verb& verb : verbs) {
            expect_refused(verb, pages, 0, size + page());
            expect_refused(verb, pages, page(), size);
            expect_refused(verb, pages, size, page());
            expect_refused(verb, pages, size + page(), 0);
            expect_refused(verb, pages, size + page(), ReadWrite::to_end);
        }
    }
    EXPECT_TRUE(all_are(pages.bytes(), 0x5a));
}

// Pitfall: edge-ranges
TEST(Ranges, AreRefusedWhenTheyOverflow) {
    ReadWrite pages = filled(4);
    const std::size_t last_page = largest - page() + 1;
    for (const auto& verbs : {hints(), destroyers()}) {
        for (const Verb& verb : verbs) {
            expect_refused(verb, pages, page(), last_page);  // ends at 0
            expect_refused(verb, pages, last_page, 2 * page());
            expect_refused(verb, pages, last_page, page());
        }
    }
    EXPECT_TRUE(all_are(pages.bytes(), 0x5a));
}

TEST(Ranges, NeedNotBeWholePagesForHints) {
    ReadWrite pages = filled(4);
    for (const Verb& verb : hints()) {
        EXPECT_TRUE(verb.try_call(pages, 1, pages.size() - 2)) << verb.name;
    }
    EXPECT_TRUE(all_are(pages.bytes(), 0x5a));
}

// Pitfall: length-rounded-up
TEST(Ranges, MustBeWholePagesForVerbsThatDestroy) {
    ReadWrite pages = filled(4);
    for (const Verb& verb : destroyers()) {
        expect_refused(verb, pages, 1, page());
        expect_refused(verb, pages, 0, page() - 1);
        expect_refused(verb, pages, page(), page() + 1);
        expect_refused(verb, pages, 1, pages.size() - 1);
        expect_refused(verb, pages, 1, ReadWrite::to_end);
    }
    EXPECT_TRUE(all_are(pages.bytes(), 0x5a));
    EXPECT_EQ(probe::resident_bytes(pages.data(), pages.size()), pages.size());
}

// -- threads --------------------------------------------------------------------------------------

TEST(Threads, CanCallConstMembersConcurrently) {
    ReadWrite pages(16 * probe::page_size());
    std::ranges::fill(pages, std::uint8_t{1});
    const ReadOnly frozen = std::move(pages).deny_write();
    threads::run([&frozen](int i) {
        const auto sum = std::accumulate(frozen.begin(), frozen.end(), std::size_t{0});
        EXPECT_EQ(sum, frozen.size());
        EXPECT_EQ(frozen[static_cast<std::size_t>(i)], 1);
        EXPECT_EQ(frozen.at(1), 1);
        EXPECT_EQ(frozen.as<std::uint16_t>()[5], 0x0101);
        EXPECT_EQ(frozen.get_ptr(), frozen.data());
        EXPECT_TRUE(ReadOnly::is_enforced());
        EXPECT_TRUE(frozen.try_populate());
        EXPECT_TRUE(frozen.try_advise(i % 2 == 0 ? Advice::sequential : Advice::random));
    });
}

TEST(Threads, CanHandPagesOver) {
    ReadWrite pages(1);
    pages[0] = 1;
    ReadWrite returned(1);
    std::thread([&returned, given = std::move(pages)]() mutable {
        given[0] = static_cast<std::uint8_t>(given[0] + 1);
        given.resize(4 * probe::page_size());
        returned = std::move(given);
    }).join();
    EXPECT_EQ(returned[0], 2);
    EXPECT_EQ(returned.size(), 4 * probe::page_size());
}

// Without resize: ThreadSanitizer does not see that mremap(2) moves pages between addresses of
// threads.
TEST(Threads, CanCreateAndDropPagesConcurrently) {
    threads::run([](int i) {
        for (std::size_t k = 2; k <= 100; ++k) {
            ReadWrite pages(k * probe::page_size(), {.populate = k % 4 == 0});
            std::ranges::fill(pages, static_cast<std::uint8_t>(i + 1));
            pages.zero(0, probe::page_size());
            const ReadOnly frozen = std::move(pages).deny_write();
            EXPECT_EQ(std::ranges::count(frozen, i + 1),
                      static_cast<std::ptrdiff_t>((k - 1) * probe::page_size()));
        }
    });
}

}  // namespace
}  // namespace memory_pages
