// SPDX-License-Identifier: MIT
// A query that fails for lack of resources is not cached: the lack may be temporary. The library
// makes no queries outside of the children.

#include "support/child.hpp"
#include "support/probe.hpp"

#include <memory_pages/memory_pages.hpp>

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <cstddef>
#include <fstream>

namespace {

using namespace memory_pages;

using ReadWrite = GuardedPages<AllowRead, AllowWrite, DenyExec>;
using WriteOnly = Pages<DenyRead, AllowWrite, DenyExec>;

/// Limits a resource to this amount while it exists.
class Shortage {
public:
    Shortage(decltype(RLIMIT_AS) resource, std::size_t most) : resource_(resource) {
        EXPECT_EQ(::getrlimit(resource_, &before_), 0);
        const rlimit lower{.rlim_cur = most, .rlim_max = before_.rlim_max};
        EXPECT_EQ(::setrlimit(resource_, &lower), 0);
    }
    Shortage(const Shortage&) = delete;
    Shortage& operator=(const Shortage&) = delete;
    ~Shortage() { EXPECT_EQ(::setrlimit(resource_, &before_), 0); }

private:
    decltype(RLIMIT_AS) resource_;
    rlimit before_{};
};

bool guard_costs_mappings(ReadWrite& pages, std::size_t offset) {
    const std::size_t before = probe::mapping_count();
    pages.guard(offset, probe::page_size());
    return probe::mapping_count() != before;
}

// Pitfall: unreadable-taken-for-none
TEST(DescriptorShortage, DoesNotDisableHugePages) {
    EXPECT_TRUE(child::passes([] {
        {
            const Shortage none(RLIMIT_NOFILE, 0);
            PagedVec<long> vec;
            vec.resize(std::size_t{1} << 20);
            EXPECT_EQ(huge_page_size(), 0U);
            EXPECT_FALSE(is_supported(HugePages::prefer));
            const MemoryLimits limits = memory_limits();
            EXPECT_EQ(limits.overcommit, std::nullopt);
            EXPECT_EQ(limits.mappings.used, std::nullopt);
            EXPECT_FALSE(limits.mappings.is_known);
        }
        std::size_t size = 0;
        std::ifstream("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size") >> size;
        EXPECT_EQ(huge_page_size(), size);
        EXPECT_NE(memory_limits().overcommit, std::nullopt);
        EXPECT_NE(memory_limits().mappings.used, std::nullopt);
    }));
}

// Pitfall: unreadable-taken-for-none
TEST(AddressSpaceShortage, DoesNotDisableGuardMarkers) {
    EXPECT_TRUE(child::passes([] {
        ReadWrite pages(16 * probe::page_size());
        {
            const Shortage more(RLIMIT_AS, probe::address_space_bytes());
            pages.guard(0, probe::page_size());
        }
        EXPECT_EQ(guard_costs_mappings(pages, 8 * probe::page_size()),
                  !is_supported(Feature::many_guards));
    }));
}

TEST(LockableMemoryShortage, DoesNotDisableGuardMarkers) {
    EXPECT_TRUE(child::passes([] {
        ReadWrite pages(16 * probe::page_size());
        // A system call: a sanitizer replaces mlockall by one that locks nothing.
        const bool is_locked = ::syscall(SYS_mlockall, MCL_FUTURE) == 0;
        pages.guard(0, probe::page_size());
        if (is_locked) {
            EXPECT_EQ(::syscall(SYS_munlockall), 0);
        }
        EXPECT_EQ(guard_costs_mappings(pages, 8 * probe::page_size()),
                  !is_supported(Feature::many_guards));
    }));
}

TEST(AddressSpaceShortage, DoesNotDisableAccessProbes) {
    EXPECT_TRUE(child::passes([] {
        {
            const Shortage more(RLIMIT_AS, probe::address_space_bytes());
            EXPECT_FALSE(WriteOnly::is_enforced()) << "not claimed where it cannot be tried";
        }
        void* const page =
            ::mmap(nullptr, probe::page_size(), PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        ASSERT_NE(page, MAP_FAILED);
        EXPECT_EQ(WriteOnly::is_enforced(), !probe::can_read(page));
    }));
}

}  // namespace
