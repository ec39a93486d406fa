// SPDX-License-Identifier: MIT
// Threads that are cancelled by pthread_cancel.
#include <memory_pages/memory_pages.hpp>

#include <gtest/gtest.h>

#include <pthread.h>

#include <cstddef>
#include <ostream>
#include <string>
#include <utility>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

struct Verb {
    const char* name;
    void (*call)();
};

void PrintTo(const Verb& verb, std::ostream* out) { *out << verb.name; }

/// More memory than any machine has, and less than the address space.
constexpr std::size_t too_much = std::size_t{1} << 46;

constexpr Verb verbs[] = {
    {"query", [] { (void)try_query(&verbs); }},
    {"regions",
     [] {
         for (const auto& region : regions()) {
             (void)region;
         }
     }},
    {"resident_bytes", [] { (void)try_resident_bytes(&verbs, 1); }},
    {"memory_limits", [] { (void)memory_limits(); }},
    {"is_supported_feature", [] { (void)is_supported(Feature::commit_charge); }},
    {"is_supported_huge_pages",
     [] {
         (void)is_supported(HugePages::prefer);
         (void)is_supported(HugePages::require);
     }},
    {"huge_page_size", [] { (void)huge_page_size(); }},
    {"populate",
     [] {
         const ReadWrite pages(std::size_t{64} << 20, {.huge_pages = HugePages::never});
         (void)try_populate(pages, {.threads = 2});
     }},
    {"refused_map", [] { (void)ReadWrite::try_new(too_much); }},
    {"pages",
     [] {
         ReadWrite pages(16 * page_size());
         auto [front, behind] = std::move(pages).split_at(page_size());
         behind.decommit();
         behind.zero();
         behind.resize(32 * page_size());
         (void)std::move(front).try_deny_write();
     }},
    {"vector",
     [] {
         PagedVec<int> vec;
         for (int i = 0; i != 100'000; ++i) {
             vec.push(i);
         }
     }},
    {"pool",
     [] {
         PagePool pool;
         (void)pool.take<AllowRead, AllowWrite, DenyExec>(page_size());
         pool.clear();
     }},
};

class CancelledThread : public testing::TestWithParam<Verb> {};

TEST_P(CancelledThread, FinishesTheVerbBeforeItEnds) {
    struct Run {
        void (*call)();
        bool is_finished;
        bool is_beyond;
    };
    Run run{.call = GetParam().call, .is_finished = false, .is_beyond = false};
    pthread_t thread{};
    ASSERT_EQ(::pthread_create(
                  &thread, nullptr,
                  [](void* argument) -> void* {
                      auto& self = *static_cast<Run*>(argument);
                      (void)::pthread_cancel(::pthread_self());
                      self.call();
                      self.is_finished = true;
                      ::pthread_testcancel();
                      self.is_beyond = true;
                      return nullptr;
                  },
                  &run),
              0);
    void* result = nullptr;
    ASSERT_EQ(::pthread_join(thread, &result), 0);
    EXPECT_EQ(result, PTHREAD_CANCELED);
    EXPECT_TRUE(run.is_finished);
    EXPECT_FALSE(run.is_beyond);
}

INSTANTIATE_TEST_SUITE_P(, CancelledThread, testing::ValuesIn(verbs),
                         [](const auto& verb) { return std::string(verb.param.name); });

}  // namespace
}  // namespace memory_pages
