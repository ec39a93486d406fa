// SPDX-License-Identifier: MIT
// A signal handler may have little stack, and may interrupt code that holds the heap's lock. These
// tests measure how much of both the verbs need, also when the system refuses a call.
// docs/safety/signal_handlers.md lists these verbs.

#include "support/child.hpp"
#include "support/handler.hpp"
#include "support/heap_calls.hpp"
#include "support/probe.hpp"
#include "support/seccomp.hpp"

#include <memory_pages/error.hpp>
#include <memory_pages/memory_limits.hpp>
#include <memory_pages/pages.hpp>
#include <memory_pages/query.hpp>
#include <memory_pages/reservation.hpp>
#include <memory_pages/untyped.hpp>

#include <sys/mman.h>
#include <sys/syscall.h>

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>

namespace {

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

// Without optimization, and with some calling conventions, frames are larger than promised.
#ifndef __OPTIMIZE__
constexpr std::size_t most = 4096;
#elifdef LARGE_FRAMES
constexpr std::size_t most = 3072;
#else
constexpr std::size_t most = 2048;
#endif
constexpr std::size_t mebi = std::size_t{1} << 20;
constexpr std::size_t reserved = std::size_t{64} << 30;

/// The objects of the verbs: a handler gets no arguments.
UntypedReservation* view = nullptr;
std::uint8_t* view_base = nullptr;
ReadWrite* pages = nullptr;
std::error_code last;

std::error_code error_of(const Result<void>& done) {
    return done ? std::error_code() : done.error();
}

void protect() {
    handler::begin_counting();
    last = error_of(
        view->try_protect<AllowRead, AllowWrite>(3 * probe::page_size(), probe::page_size()));
}
void commit() {
    handler::begin_counting();
    last = error_of(view->try_commit<AllowRead, AllowWrite>(reserved / 2 + probe::page_size(),
                                                            probe::page_size()));
}
void uncommit() {
    handler::begin_counting();
    last = error_of(view->try_uncommit(7 * probe::page_size(), probe::page_size()));
}
void decommit_of_view() {
    handler::begin_counting();
    last = error_of(view->try_decommit(8 * probe::page_size(), probe::page_size()));
}
void protect_by_address() {
    handler::begin_counting();
    last = error_of(untyped::protect(view_base + 10 * probe::page_size(), probe::page_size(),
                                     Access::read_write));
}
void zero_by_address() {
    handler::begin_counting();
    last = error_of(untyped::zero(pages->data(), pages->size()));
}
void map_by_address() {
    handler::begin_counting();
    const auto base = untyped::map(probe::page_size(), Access::read_write);
    last = base ? error_of(untyped::unmap(*base, probe::page_size())) : base.error();
}
void decommit() {
    handler::begin_counting();
    last = error_of(pages->try_decommit(probe::page_size(), probe::page_size()));
}
void discard() {
    handler::begin_counting();
    last = error_of(pages->try_discard(probe::page_size(), probe::page_size()));
}
void zero() {
    handler::begin_counting();
    last = error_of(pages->try_zero());
}
void advise() {
    handler::begin_counting();
    last = error_of(pages->try_advise(Advice::sequential, probe::page_size(), probe::page_size()));
}
void populate() {
    handler::begin_counting();
    last = error_of(pages->try_populate());
}

void query_address() {
    static std::array<char, 1024> name;
    handler::begin_counting();
    const auto region = try_query(reinterpret_cast<const void*>(&query_address), name);
    last = region ? std::error_code() : region.error();
}
void resident_bytes_of_range() {
    handler::begin_counting();
    const auto resident = try_resident_bytes(pages->data(), pages->size());
    last = resident ? std::error_code() : resident.error();
}
void resident_pages_of_range() {
    static std::array<bool, 64> is_resident;
    handler::begin_counting();
    last = error_of(try_resident_pages(pages->data(), is_resident));
}
void limits() {
    static MemoryLimits found;
    handler::begin_counting();
    found = memory_limits();
    last = std::error_code();
}

struct Verb {
    const char* name;
    handler::Act act;
    bool needs_mappings;
};
constexpr Verb verbs[] = {
    {"protect", protect, true},
    {"commit", commit, true},
    {"uncommit", uncommit, true},
    {"UntypedReservation::decommit", decommit_of_view, false},
    {"untyped::protect", protect_by_address, true},
    {"untyped::zero", zero_by_address, false},
    {"untyped::map", map_by_address, true},
    {"decommit", decommit, false},
    {"discard", discard, false},
    {"zero", zero, false},
    {"advise", advise, true},
    {"populate", populate, false},
    {"try_query", query_address, false},
    {"resident_bytes", resident_bytes_of_range, false},
    {"resident_pages", resident_pages_of_range, false},
    {"memory_limits", limits, false},
};

class SignalHandler : public testing::Test {
protected:
    void SetUp() override {
        if (!probe::counts_are_ours()) {
            GTEST_SKIP() << "a sanitizer makes frames larger";
        }
        view_.emplace(reservation_.untyped());
        view_->commit<AllowRead, AllowWrite>(0, mebi);
        view_->protect<AllowRead, DenyWrite>(0, mebi);
        view = &*view_;
        view_base = reservation_.address();
        pages = &pages_;
    }

    /// Maps until the limit is reached; false if there is no such limit.
    static bool use_up_mappings() {
        for (std::size_t i = 0; i < 4'000'000; ++i) {
            if (::mmap(nullptr, probe::page_size(), i % 2 == 0 ? PROT_NONE : PROT_READ,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED) {
                return true;
            }
        }
        return false;
    }

private:
    Reservation reservation_{reserved};
    std::optional<UntypedReservation> view_;
    ReadWrite pages_{mebi};
};

TEST_F(SignalHandler, CallsAVerbWithin2KiBOfStack) {
    const handler::Stack stack(64 * 1024);
    for (const Verb& verb : verbs) {
        EXPECT_LE(stack.used_by(verb.act), most) << verb.name;
        EXPECT_EQ(last, std::error_code()) << verb.name;
    }
}

// Pitfall: handler-stack
TEST_F(SignalHandler, CallsARefusedVerbWithin2KiBOfStack) {
    EXPECT_TRUE(child::passes([] {
        const handler::Stack stack(64 * 1024);
        if (seccomp::is_available()) {  // Makes queries take the longer way, too.
            seccomp::refuse({.number = SYS_ioctl}, ENOTTY);
        }
        ASSERT_TRUE(use_up_mappings());
        for (const Verb& verb : verbs) {
            EXPECT_LE(stack.used_by(verb.act), most) << verb.name;
            if (verb.needs_mappings) {
                EXPECT_EQ(last, PageError::map_count_limit) << verb.name;
            }
        }
    }));
}

// Pitfall: handler-uses-heap
TEST_F(SignalHandler, UsesNoHeapInAnyVerb) {
    if (!heap_calls::are_counted()) {
        GTEST_SKIP() << "the heap is not to be had for counting";
    }
    const auto use_verbs = [](const handler::Stack& stack) {
        for (const Verb& verb : verbs) {
            heap_calls::begin_counting();
            (void)stack.used_by(verb.act);
            EXPECT_EQ(heap_calls::end_counting(), 0U) << verb.name;
        }
    };
    EXPECT_TRUE(child::passes([&] {
        const handler::Stack stack(64 * 1024);
        ASSERT_TRUE(use_up_mappings());
        use_verbs(stack);
    }));
    use_verbs(handler::Stack(64 * 1024));
}

// Pitfall: handler-stack
TEST_F(SignalHandler, RunsOnTheSmallestSignalStack) {
    EXPECT_TRUE(child::passes([] {
        constexpr std::size_t of_the_handler = 512;
        const handler::Stack stack(handler::least_stack() + of_the_handler + most);
        ASSERT_TRUE(use_up_mappings());
        for (const Verb& verb : verbs) {
            (void)stack.used_by(verb.act);
            if (verb.needs_mappings) {
                EXPECT_EQ(last, PageError::map_count_limit) << verb.name;
            }
        }
    }));
}

}  // namespace
