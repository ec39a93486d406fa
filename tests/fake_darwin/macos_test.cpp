// SPDX-License-Identifier: MIT
// Tests of the macOS files beyond the contract: which calls they make, and what happens when the
// system refuses them.

#include "os/advice.hpp"
#include "os/any.hpp"
#include "os/code.hpp"
#include "os/contents.hpp"
#include "os/memory.hpp"
#include "os/query.hpp"
#include "os/reserve.hpp"

#include "fake_darwin.hpp"

#include "darwin.hpp"
#include "support/probe.hpp"

#include <memory_pages/feature.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <system_error>
#include <vector>

namespace {

using namespace memory_pages;
using fake_darwin::Call;
using fake_darwin::Kind;
using os::Access;
using os::Charge;

/// For both kinds of machine.
class Macos : public testing::TestWithParam<fake_darwin::Machine> {
protected:
    Macos() { fake_darwin::boot(GetParam()); }
    ~Macos() override {
        EXPECT_EQ(fake_darwin::mapped_bytes(), 0U) << "not given back";
        EXPECT_EQ(fake_darwin::ports_left(), 0U) << "not given back";
    }

    static std::size_t page() { return GetParam().page_size; }

    static std::byte* map(std::size_t pages, Access access = Access::read_write) {
        std::byte* const base = *os::map(pages * page(), 1, access, Charge::charged);
        fake_darwin::forget_calls();
        return base;
    }
    static std::byte* map_code(std::size_t pages) { return map(pages, Access::read_write_exec); }

    /// Writable and executable pages filled with 5.
    static std::byte* map_written_code(std::size_t pages) {
        std::byte* const code = map_code(pages);
        os::begin_writing();
        std::memset(code, 5, pages * page());
        os::end_writing();
        fake_darwin::forget_calls();
        return code;
    }

    static bool all_are(const std::byte* base, std::size_t pages, std::byte value) {
        return std::all_of(base, base + pages * page(), [=](std::byte b) { return b == value; });
    }

    static std::vector<Call> calls() {
        std::vector<Call> made;
        for (const fake_darwin::Made& call : fake_darwin::calls()) {
            made.push_back(call.call);
        }
        return made;
    }
    static std::size_t advised(int advice) {
        return static_cast<std::size_t>(
            std::ranges::count_if(fake_darwin::calls(), [=](const fake_darwin::Made& made) {
                return made.call == Call::madvise && made.argument == advice;
            }));
    }

    /// The end of every way to new code: a flush from its first byte to its last, and then a stop
    /// of every thread.
    static void expect_code_is_prepared(std::byte* base, std::size_t bytes) {
        const auto& made = fake_darwin::calls();
        const auto flush =
            std::ranges::find(made, Call::icache_invalidate, &fake_darwin::Made::call);
        ASSERT_NE(flush, made.end()) << "no flush";
        EXPECT_EQ(flush->base, base);
        EXPECT_EQ(flush->bytes, bytes);
        const auto stopped = std::count_if(flush, made.end(), [](const fake_darwin::Made& call) {
            return call.call == Call::thread_registers;
        });
        EXPECT_EQ(static_cast<std::size_t>(stopped), fake_darwin::threads());
    }
};

// -- mapping --------------------------------------------------------------------------------------

TEST_P(Macos, MapsByOneCall) {
    for (const Access access : {Access::read_write, Access::read_write_exec}) {
        std::byte* const base = map(1);
        std::byte* const other = *os::map(page(), 1, access, Charge::charged);
        EXPECT_EQ(calls(), std::vector{Call::mmap});
        os::unmap(base, page());
        os::unmap(other, page());
    }
}

TEST_P(Macos, TrimsAlignedMappings) {
    const std::size_t alignment = 8 * page();
    for (const Access access : {Access::none, Access::read_write, Access::read_write_exec}) {
        std::byte* const base = *os::map(3 * page(), alignment, access, Charge::charged);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(base) % alignment, 0U);
        EXPECT_EQ(fake_darwin::mapped_bytes(), 3 * page());
        os::unmap(base, 3 * page());
    }
}

TEST_P(Macos, ReportsLackOfAddressSpace) {
    for (const int error : {ENOMEM, EINVAL, EPERM}) {
        for (const std::size_t alignment : {std::size_t{1}, 4 * page()}) {
            fake_darwin::refuse(Call::mmap, error);
            EXPECT_EQ(os::map(page(), alignment, Access::read_write, Charge::charged).error(),
                      os::Error::not_enough_memory);
        }
    }
    const std::size_t most = ~std::size_t{0} & ~(page() - 1);
    EXPECT_EQ(os::reserve(most, std::size_t{1} << 30).error(), os::Error::not_enough_memory);
    EXPECT_EQ(os::reserve(most, 1).error(), os::Error::not_enough_memory);
}

TEST_P(Macos, ReportsAMissingCodeEntitlement) {
    for (const int error : {EACCES, EINVAL, EPERM}) {
        fake_darwin::refuse(Call::mmap, error);
        EXPECT_EQ(os::map(page(), 1, Access::read_write_exec, Charge::charged).error(),
                  os::Error::permission_denied);
    }
    fake_darwin::refuse(Call::mmap, ENOMEM);
    EXPECT_EQ(os::map(page(), 1, Access::read_write_exec, Charge::charged).error(),
              os::Error::not_enough_memory);
}

TEST_P(Macos, ShrinksInPlaceAndDoesNotGrow) {
    std::byte* const base = map(4);
    EXPECT_EQ(*os::resize(base, 4 * page(), 4 * page(), 1), base);
    EXPECT_EQ(os::resize(base, 4 * page(), 5 * page(), 1).error(),
              os::Error::operation_not_supported);
    EXPECT_EQ(fake_darwin::calls().size(), 0U);
    EXPECT_EQ(*os::resize(base, 4 * page(), page(), 1), base);
    EXPECT_EQ(fake_darwin::mapped_bytes(), page());
    os::unmap(base, page());
}

TEST_P(Macos, ForwardsRefusals) {
    std::byte* const base = map(2);
    fake_darwin::refuse(Call::mprotect, ENOMEM);
    EXPECT_EQ(os::protect(base, page(), Access::read).error(), os::Error::not_enough_memory);
    fake_darwin::refuse(Call::mprotect, ENOMEM);
    EXPECT_EQ(os::make_executable(base, page(), Access::read_write, Access::read_exec).error(),
              os::Error::not_enough_memory);
    fake_darwin::refuse(Call::mmap, ENOMEM);
    EXPECT_EQ(os::decommit(base, page()).error(), os::Error::not_enough_memory);
    fake_darwin::refuse(Call::madvise, EINVAL);
    EXPECT_EQ(os::discard(base, page()).error(), os::Error::invalid_argument);
    fake_darwin::refuse(Call::mmap, ENOMEM);
    EXPECT_EQ(os::uncommit(base, page()).error(), os::Error::not_enough_memory);
    fake_darwin::refuse(Call::madvise, ENOMEM);
    EXPECT_EQ(os::advise(base, page(), Advice::random).error(), os::Error::not_enough_memory);
    os::unmap(base, 2 * page());
}

// -- giving back ----------------------------------------------------------------------------------

// Pitfall: macos-reuse-unannounced
TEST_P(Macos, DecommitsByMappingAnew) {
    std::byte* const base = map(8);
    std::memset(base, 5, 8 * page());
    EXPECT_TRUE(os::decommit(base + page(), 6 * page()));
    EXPECT_EQ(probe::resident_bytes(base, 8 * page()), 2 * page());
    EXPECT_EQ(fake_darwin::count_of(Call::madvise), 0U);
    os::unmap(base, 8 * page());
}

TEST_P(Macos, DecommitsSeveralRegions) {
    std::byte* const base = map(4);
    ASSERT_TRUE(os::protect(base + page(), page(), Access::read));
    ASSERT_TRUE(os::protect(base + page(), page(), Access::read_write));
    EXPECT_TRUE(os::decommit(base, 4 * page()));
    EXPECT_EQ(fake_darwin::reusable_bytes(), 0U);
    os::unmap(base, 4 * page());
}

// Pitfall: macos-reuse-unannounced
TEST_P(Macos, DecommitsCodeAsReusableUntilPublished) {
    std::byte* const code = map_written_code(4);
    EXPECT_TRUE(os::decommit(code, 4 * page()));
    EXPECT_EQ(fake_darwin::reusable_bytes(), 4 * page());
    os::begin_writing();
    std::memset(code + page() + 10, 6, page());
    os::end_writing();
    EXPECT_TRUE(os::publish(code + page() + 10, page(), Publish::may_have_run));
    EXPECT_EQ(fake_darwin::reusable_bytes(), 2 * page()) << "just the pages that hold code";
    os::unmap(code, 4 * page());
}

TEST_P(Macos, ReusesDecommittedCodeWhenPermissionsChange) {
    std::byte* const code = map_written_code(2);
    EXPECT_TRUE(os::decommit(code, 2 * page()));
    EXPECT_TRUE(os::make_executable(code, 2 * page(), Access::read_write_exec, Access::read_exec));
    EXPECT_EQ(fake_darwin::reusable_bytes(), 0U);
    os::unmap(code, 2 * page());
}

TEST_P(Macos, RetriesWhereTheSystemSaysSo) {
    std::byte* const code = map_code(1);
    fake_darwin::refuse(Call::madvise, EAGAIN, 3);
    EXPECT_TRUE(os::decommit(code, page()));
    EXPECT_EQ(advised(darwin::madv_free_reusable), 4U);
    fake_darwin::refuse(Call::madvise, EAGAIN, 2);
    EXPECT_TRUE(os::discard(code, page()));
    EXPECT_EQ(advised(darwin::madv_free), 3U);
    os::unmap(code, page());
}

TEST_P(Macos, ReportsCodeThatCannotBeDecommitted) {
    std::byte* const code = map_code(1);
    fake_darwin::refuse(Call::madvise, EINVAL);
    EXPECT_EQ(os::decommit(code, page()).error(), os::Error::operation_not_supported);
    os::unmap(code, page());
}

TEST_P(Macos, RefusesToDecommitUnknownMemory) {
    std::byte* const base = map(1, Access::read);
    EXPECT_EQ(os::decommit(base, page()).error(), os::Error::operation_not_supported);
    os::unmap(base, page());
    std::byte* const other = map(1);
    fake_darwin::refuse(Call::vm_region_recurse, darwin::kern_invalid_address);
    EXPECT_TRUE(os::decommit(other, page()));
    EXPECT_EQ(fake_darwin::reusable_bytes(), page());
    os::unmap(other, page());
}

TEST_P(Macos, KeepsViewsAndSharedAndLockedMemory) {
    const std::size_t bytes = 20 * page();  // More than `zero` only clears.
    for (const Kind kind : {Kind::file, Kind::shared, Kind::shared_with_a_task, Kind::locked}) {
        std::byte* const base = map(20);
        std::memset(base, 5, bytes);
        fake_darwin::pretend(base, kind, "/tmp/a");
        EXPECT_TRUE(os::decommit_any(base, bytes));
        EXPECT_TRUE(os::discard_any(base, bytes));
        EXPECT_TRUE(all_are(base, 20, std::byte{5}));
        EXPECT_TRUE(os::zero_any(base, bytes));
        EXPECT_TRUE(all_are(base, 20, std::byte{0}));
        EXPECT_EQ(fake_darwin::count_of(Call::mmap), 0U) << "other pages replace them";
        EXPECT_EQ(advised(darwin::madv_dontneed), 1U);
        fake_darwin::pretend(base, Kind::plain);
        EXPECT_TRUE(os::unmap_any(base, bytes));
    }
}

TEST_P(Macos, ReplacesPrivatePagesOfAnyMemory) {
    std::byte* const base = map(20);
    std::memset(base, 5, 20 * page());
    EXPECT_TRUE(os::zero_any(base, 20 * page()));
    EXPECT_TRUE(os::decommit_any(base, page()));
    EXPECT_EQ(fake_darwin::count_of(Call::mmap), 2U);
    fake_darwin::refuse(Call::madvise, ENOMEM);
    EXPECT_EQ(os::discard_any(base, page()).error(), os::Error::not_enough_memory);
    fake_darwin::refuse(Call::munmap, ENOMEM);
    EXPECT_EQ(os::unmap_any(base, 20 * page()).error(), os::Error::not_enough_memory);
    fake_darwin::refuse(Call::munmap, ENOMEM);
    EXPECT_EQ(os::resize_any(base, 20 * page(), page(), true).error(),
              os::Error::not_enough_memory);
    EXPECT_EQ(os::resize_any(base, 20 * page(), 21 * page(), true).error(),
              os::Error::operation_not_supported);
    EXPECT_TRUE(os::unmap_any(base, 20 * page()));
}

TEST_P(Macos, ReplacesNothingWhereAPermissionIsRefused) {
    std::byte* const base = map(1, Access::read);
    fake_darwin::refuse(Call::mprotect, EACCES);
    EXPECT_EQ(os::protect(base, page(), Access::read_write).error(), os::Error::permission_denied);
    EXPECT_EQ(fake_darwin::count_of(Call::mmap), 0U);
    os::unmap(base, page());
}

TEST_P(Macos, DiscardsWithoutReuseCalls) {
    std::byte* const base = map(4);
    std::memset(base, 5, 4 * page());
    EXPECT_TRUE(os::discard(base, 4 * page()));
    std::memset(base, 6, 4 * page());
    EXPECT_EQ(fake_darwin::reusable_bytes(), 0U);
    os::unmap(base, 4 * page());
}

// -- zero and populate ----------------------------------------------------------------------------

// Pitfall: macos-dontneed-keeps
TEST_P(Macos, ZeroesFewPagesByHandAndManyByMappingAnew) {
    std::byte* const base = map(100);
    std::memset(base, 5, 100 * page());
    EXPECT_TRUE(os::zero(base, 16 * page()));
    EXPECT_EQ(fake_darwin::count_of(Call::mmap), 0U);
    EXPECT_TRUE(os::zero(base + 16 * page(), 84 * page()));
    EXPECT_EQ(fake_darwin::count_of(Call::mmap), 1U);
    EXPECT_TRUE(all_are(base, 100, std::byte{0}));
    os::unmap(base, 100 * page());
}

TEST_P(Macos, ZeroesByHandWhenMappingAnewFails) {
    std::byte* const base = map(20);
    std::memset(base, 5, 20 * page());
    fake_darwin::refuse(Call::mmap, ENOMEM);
    EXPECT_TRUE(os::zero(base, 20 * page()));
    EXPECT_TRUE(all_are(base, 20, std::byte{0}));
    os::unmap(base, 20 * page());
    std::byte* const code = map_written_code(20);
    EXPECT_TRUE(os::zero(code, 20 * page()));
    EXPECT_EQ(fake_darwin::count_of(Call::mmap), 0U);
    EXPECT_TRUE(all_are(code, 20, std::byte{0}));
    os::unmap(code, 20 * page());
}

TEST_P(Macos, ZeroesDecommittedPagesThatKeptTheirBytes) {
    std::byte* const code = map_written_code(3);
    EXPECT_TRUE(os::decommit(code, 3 * page()));
    EXPECT_TRUE(os::zero(code, 3 * page()));
    EXPECT_TRUE(all_are(code, 3, std::byte{0}));
    os::unmap(code, 3 * page());
}

TEST_P(Macos, PopulatesCodeWithoutChangingIt) {
    std::byte* const code = map_written_code(3);
    EXPECT_TRUE(os::populate(code, 3 * page(), Access::read_write_exec));
    EXPECT_TRUE(all_are(code, 3, std::byte{5}));
    os::unmap(code, 3 * page());
}

TEST_P(Macos, RestoresTheWriteSwitch) {
    std::byte* const code = map_code(2);
    const auto may_write = [&] { return probe::can_write(code); };
    const bool before = may_write();
    EXPECT_EQ(before, !GetParam().has_jit_switch);
    EXPECT_TRUE(os::zero(code, page()));
    EXPECT_TRUE(os::populate(code, page(), Access::read_write_exec));
    EXPECT_EQ(may_write(), before);
    os::begin_writing();
    EXPECT_TRUE(os::zero(code, page()));
    EXPECT_TRUE(os::populate(code, page(), Access::read_write_exec));
    EXPECT_TRUE(may_write());
    os::end_writing();
    EXPECT_EQ(may_write(), before);
    os::unmap(code, 2 * page());
}

TEST_P(Macos, UsesTheWriteSwitchOnlyWhereItExists) {
    fake_darwin::forget_calls();
    os::begin_writing();
    os::end_writing();
    EXPECT_EQ(fake_darwin::count_of(Call::jit_write_protect), GetParam().has_jit_switch ? 2U : 0U);
}

// -- code -----------------------------------------------------------------------------------------

// Pitfall: stale-instructions
TEST_P(Macos, InvalidatesTheCacheOnEveryWayToCode) {
    for (const Access from : {Access::none, Access::read, Access::write, Access::read_write}) {
        for (const Access to : {Access::exec, Access::read_exec}) {
            std::byte* const base = map(3, from);
            EXPECT_TRUE(os::make_executable(base, 3 * page(), from, to));
            expect_code_is_prepared(base, 3 * page());
            os::unmap(base, 3 * page());
        }
    }
    std::byte* const code = map_code(3);
    EXPECT_TRUE(os::publish(code + 7, 9, Publish::may_have_run));
    expect_code_is_prepared(code + 7, 9);
    fake_darwin::forget_calls();
    EXPECT_TRUE(os::make_executable(code, 3 * page(), Access::read_write_exec, Access::read_exec));
    expect_code_is_prepared(code, 3 * page());
    os::unmap(code, 3 * page());
}

TEST_P(Macos, ReportsThreadsThatWereNotStopped) {
    std::byte* const code = map_code(1);
    fake_darwin::refuse(Call::task_threads, darwin::kern_invalid_argument);
    EXPECT_EQ(os::publish(code, page(), Publish::may_have_run).error(),
              os::Error::operation_not_supported);
    fake_darwin::refuse(Call::thread_registers, darwin::kern_aborted);
    EXPECT_EQ(os::publish(code, page(), Publish::may_have_run).error(),
              os::Error::operation_not_supported);
    fake_darwin::refuse(Call::thread_registers, darwin::kern_aborted);
    EXPECT_FALSE(is_supported(Feature::publishing));
    EXPECT_TRUE(is_supported(Feature::becoming_exec));
    EXPECT_TRUE(is_supported(Feature::publishing));
    os::unmap(code, page());
}

TEST_P(Macos, StopsNoThreadForCodeThatHasNotRun) {
    std::byte* const code = map_code(1);
    fake_darwin::forget_calls();
    EXPECT_TRUE(os::publish(code + 7, 9, Publish::not_yet_run));
    const auto& made = fake_darwin::calls();
    EXPECT_EQ(std::ranges::count(made, Call::icache_invalidate, &fake_darwin::Made::call), 1);
    EXPECT_EQ(std::ranges::count(made, Call::task_threads, &fake_darwin::Made::call), 0);
    os::unmap(code, page());
}

TEST_P(Macos, IgnoresThreadsThatEndMeanwhile) {
    std::byte* const code = map_code(1);
    for (const int answer :
         {darwin::kern_terminated, darwin::kern_invalid_argument, darwin::mach_send_invalid_dest}) {
        fake_darwin::refuse(Call::thread_registers, answer);
        EXPECT_TRUE(os::publish(code, page(), Publish::may_have_run));
    }
    os::unmap(code, page());
}

TEST_P(Macos, RemovesARightFromCodeByRemappingACopy) {
    for (const Access to : {Access::none, Access::read, Access::read_write}) {
        std::byte* const code = map_written_code(3);
        EXPECT_TRUE(os::protect(code + page(), page(), to));
        EXPECT_EQ(fake_darwin::count_of(Call::vm_remap), GetParam().has_jit_switch ? 1U : 0U);
        EXPECT_EQ(probe::can_write(code + page()), to == Access::read_write);
        EXPECT_EQ(probe::can_read(code + page()), to != Access::none);
        ASSERT_TRUE(os::protect(code + page(), page(), Access::read));
        EXPECT_TRUE(all_are(code, 3, std::byte{5}));
        EXPECT_EQ(fake_darwin::mapped_bytes(), 3 * page());
        os::unmap(code, 3 * page());
    }
}

TEST_P(Macos, KeepsCodeWhenTheCopyCannotBeRemapped) {
    std::byte* const code = map_written_code(2);
    for (const Call call : {Call::mmap, Call::vm_remap}) {
        fake_darwin::refuse(Call::mprotect, EACCES, 2);
        EXPECT_EQ(os::protect(code, 2 * page(), Access::read).error(),
                  os::Error::permission_denied);
        if (GetParam().has_jit_switch) {
            fake_darwin::refuse(call, call == Call::mmap ? ENOMEM : darwin::kern_invalid_address);
            EXPECT_EQ(
                os::make_executable(code, 2 * page(), Access::read_write_exec, Access::read_exec)
                    .error(),
                os::Error::permission_denied);
        }
        EXPECT_TRUE(all_are(code, 2, std::byte{5}));
        EXPECT_EQ(fake_darwin::mapped_bytes(), 2 * page());
    }
    os::unmap(code, 2 * page());
}

// -- looking --------------------------------------------------------------------------------------

/// The region at an address, with a copy of its name.
struct Looked {
    explicit Looked(const std::byte* at) {
        detail::Walk* const walk = *os::start_walk();
        found = os::region_from(*walk, reinterpret_cast<std::uintptr_t>(at));
        name = found ? std::string(found->name) : "";
        os::end_walk(walk);
    }
    os::Result<os::RegionInfo> found;
    std::string name;
};

TEST_P(Macos, ReportsRegions) {
    std::byte* const base = map(4);
    ASSERT_TRUE(os::protect(base + page(), page(), Access::read));
    const Looked changed(base + page() + 5);
    ASSERT_TRUE(changed.found);
    EXPECT_EQ(changed.found->first, reinterpret_cast<std::uintptr_t>(base + page()));
    EXPECT_EQ(changed.found->bytes, page());
    EXPECT_EQ(changed.found->access, Access::read);
    EXPECT_EQ(changed.found->kind, RegionKind::anonymous);
    EXPECT_EQ(Looked(base + 2 * page()).found->access, Access::read_write);
    os::unmap(base, 4 * page());
    std::byte* const reserved = *os::reserve(page(), 1);
    EXPECT_EQ(Looked(reserved).found->kind, RegionKind::reserved);
    EXPECT_EQ(Looked(reserved + page()).found->bytes, 0U) << "nothing is behind it";
    os::release(reserved, page());
}

TEST_P(Macos, AsksForNamesOfFilesOnly) {
    std::byte* const base = map(1);
    EXPECT_EQ(Looked(base).name, "");
    fake_darwin::pretend(base, Kind::file, "/usr/lib/libSystem.dylib");
    EXPECT_EQ(Looked(base).found->kind, RegionKind::file);
    EXPECT_EQ(Looked(base).name, "/usr/lib/libSystem.dylib");
    for (const Kind kind : {Kind::shared, Kind::shared_with_a_task}) {
        fake_darwin::pretend(base, kind);
        EXPECT_EQ(Looked(base).found->kind, RegionKind::shared);
    }
    fake_darwin::pretend(base, Kind::plain);
    os::unmap(base, page());
}

TEST_P(Macos, ReportsRegionsItCannotQuery) {
    std::byte* const base = map(1);
    fake_darwin::refuse(Call::vm_region_recurse, darwin::kern_protection_failure);
    EXPECT_EQ(Looked(base).found.error(), os::Error::permission_denied);
    fake_darwin::refuse(Call::mincore, ENOMEM, 2);
    EXPECT_EQ(os::resident_bytes(base, page()).error(), os::Error::not_enough_memory);
    bool one = true;
    EXPECT_EQ(os::resident_pages(base, {&one, 1}).error(), os::Error::not_enough_memory);
    os::unmap(base, page());
}

TEST_P(Macos, CountsResidentPagesInPieces) {
    constexpr std::size_t many = 1500;
    std::byte* const base = map(many);
    base[0] = base[1023 * page()] = base[1024 * page()] = base[1499 * page()] = std::byte{1};
    EXPECT_EQ(*os::resident_bytes(base, many * page()), 4 * page());
    EXPECT_EQ(fake_darwin::count_of(Call::mincore), 2U);
    std::array<bool, 3> some{};
    ASSERT_TRUE(os::resident_pages(base + 1022 * page(), some));
    EXPECT_EQ(some, (std::array{false, true, true}));
    os::unmap(base, many * page());
}

// -- what is claimed ------------------------------------------------------------------------------

TEST_P(Macos, ReportsTheAccessTheMachineEnforces) {
    EXPECT_FALSE(is_supported(Feature::commit_charge));
    EXPECT_TRUE(is_supported(Feature::uncharged_pages));
    EXPECT_FALSE(is_supported(Feature::moving_pages));
    EXPECT_TRUE(is_supported(Feature::write_exec));
    EXPECT_EQ(is_supported(Feature::becoming_write_exec), !GetParam().has_jit_switch);
    EXPECT_TRUE(is_supported(Feature::publishing));
    fake_darwin::Machine guarded = GetParam();
    guarded.allows_jit = false;
    fake_darwin::boot(guarded);
    EXPECT_FALSE(is_supported(Feature::write_exec));
    EXPECT_FALSE(is_supported(Feature::becoming_write_exec));
    EXPECT_EQ(os::map(page(), 1, Access::read_write_exec, Charge::charged).error(),
              os::Error::permission_denied);
}

TEST_P(Macos, IgnoresAdviceUnknownToTheSystem) {
    std::byte* const base = map(1, Access::none);
    for (const int error : {EINVAL, ENOTSUP, EPERM}) {
        fake_darwin::refuse(Call::madvise, error);
        EXPECT_TRUE(os::advise(base, page(), Advice::sequential));
    }
    EXPECT_TRUE(os::advise(base, page(), Advice::use_soon));
    os::unmap(base, page());
}

TEST_P(Macos, MakesPagesColdWithDontNeed) {
    std::byte* const base = map(2);
    std::memset(base, 5, 2 * page());
    EXPECT_TRUE(os::is_supported(Advice::cold));
    EXPECT_TRUE(os::advise(base, 2 * page(), Advice::cold));
    EXPECT_EQ(advised(darwin::madv_dontneed), 1U);
    EXPECT_TRUE(all_are(base, 2, std::byte{5}));
    os::unmap(base, 2 * page());
}

TEST_P(Macos, MakesNoCallForUnsupportedAdvice) {
    std::byte* const base = map(1);
    for (const Advice advice : {Advice::page_out, Advice::never_merge}) {
        EXPECT_FALSE(os::is_supported(advice));
        EXPECT_TRUE(os::advise(base, page(), advice));
    }
    EXPECT_EQ(fake_darwin::count_of(Call::madvise), 0U);
    os::unmap(base, page());
}

TEST_P(Macos, RefusesToMovePages) {
    std::byte* const from = *os::reserve(2 * page(), 1);
    std::byte* const to = *os::reserve(2 * page(), 1);
    ASSERT_TRUE(os::commit(from, page(), Access::read_write));
    EXPECT_EQ(os::move(from, page(), to).error(), os::Error::operation_not_supported);
    EXPECT_FALSE(is_supported(Feature::moving_pages));
    os::release(from, 2 * page());
    os::release(to, 2 * page());
}

INSTANTIATE_TEST_SUITE_P(Machine, Macos, testing::Values(fake_darwin::arm64, fake_darwin::x86_64),
                         [](const auto& machine) {
                             return machine.param.has_jit_switch ? "Arm64" : "Intel";
                         });

}  // namespace
