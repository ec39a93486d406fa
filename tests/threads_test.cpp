// SPDX-License-Identifier: MIT
#include <memory_pages/exec.hpp>
#include <memory_pages/paged_vec.hpp>
#include <memory_pages/pages.hpp>

#include "support/machine_code.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using ReadOnly = Pages<AllowRead, DenyWrite, DenyExec>;
using Code = Pages<AllowRead, DenyWrite, AllowExec>;

constexpr int thread_count = 8;

/// Runs `act(i)` in several threads at once.
template <class Act>
void in_threads(Act act) {
    std::vector<std::thread> threads;
    for (int i = 0; i < thread_count; ++i) {
        threads.emplace_back(act, i);
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

TEST(Threads, ConstMembersMayBeCalledFromAll) {
    ReadWrite pages(16 * probe::page_size());
    std::ranges::fill(pages, std::uint8_t{1});
    const ReadOnly frozen = std::move(pages).deny_write();
    in_threads([&frozen](int i) {
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

TEST(Threads, HintsMayBeGivenWhileOthersWrite) {
    ReadWrite pages(64 * probe::page_size());
    const std::size_t share = pages.size() / thread_count;
    std::uint8_t* const first = pages.data();
    in_threads([&pages, first, share](int i) {
        std::fill_n(first + static_cast<std::size_t>(i) * share, share, std::uint8_t{1});
        EXPECT_TRUE(std::as_const(pages).try_populate());
        EXPECT_TRUE(std::as_const(pages).try_advise(Advice::random));
    });
    EXPECT_EQ(std::ranges::count(pages, 1), static_cast<std::ptrdiff_t>(pages.size()));
}

TEST(Threads, CodeRunsInAllThatGetIt) {
    ReadWrite pages(1);
    pages.write_at(0, machine_code::add());
    const Code code = std::move(pages).set_protected_exec();
    const auto add = code.get_fn<std::uint64_t(std::uint64_t, std::uint64_t)>();
    in_threads([&code, add](int i) {
        const auto n = static_cast<std::uint64_t>(i);
        for (std::uint64_t k = 0; k < 1000; ++k) {
            const auto copy = add;
            EXPECT_EQ(copy(n, k), n + k);
            EXPECT_EQ((code.get_fn<std::uint64_t(std::uint64_t, std::uint64_t)>()(n, 1)), n + 1);
        }
    });
}

TEST(Threads, PagesCanBeHandedOver) {
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

TEST(Threads, APagedVecCanBeHandedOver) {
    PagedVec<int> numbers;
    numbers.push_back(1);
    std::thread([&numbers, given = std::move(numbers)]() mutable {
        given.resize(1'000'000, 2);
        numbers = std::move(given);
    }).join();
    EXPECT_EQ(numbers.size(), 1'000'000U);
    EXPECT_EQ(numbers.front(), 1);
    EXPECT_EQ(numbers.back(), 2);
}

// Without resize: ThreadSanitizer does not see mremap(2) take pages from one thread's addresses to
// another's.
TEST(Threads, ManyMakeAndDropPagesAtOnce) {
    in_threads([](int i) {
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

TEST(Threads, ManyMakeAndDropCodeAtOnce) {
    in_threads([](int i) {
        for (std::uint32_t k = 0; k < 100; ++k) {
            const auto value = static_cast<std::uint32_t>(i) << 16 | k;
            ReadWrite pages(1);
            pages.write_at(0, machine_code::constant(value));
            const Code code = std::move(pages).set_protected_exec();
            EXPECT_EQ(code.get_fn<std::uint32_t()>()(), value);
        }
    });
}

}  // namespace
}  // namespace memory_pages
