// SPDX-License-Identifier: MIT
// Features of Windows only: guards, sections, and calls that a test can refuse.
#include <memory_pages/memory_limits.hpp>
#include <memory_pages/pages.hpp>
#include <memory_pages/query.hpp>

#include "support/imports.hpp"
#include "support/probe.hpp"
#include "support/process.hpp"
#include "support/windows_api.hpp"

#include <gtest/gtest.h>

#include <psapi.h>

#include <array>
#include <cstddef>
#include <string>
#include <system_error>

namespace {

using namespace memory_pages;

std::size_t page() { return probe::page_size(); }

/// Pages by system calls.
class Allocated {
public:
    explicit Allocated(std::size_t pages, DWORD type = MEM_RESERVE | MEM_COMMIT)
        : base_(static_cast<std::uint8_t*>(
              ::VirtualAlloc(nullptr, pages * page(), type, PAGE_READWRITE))) {}
    Allocated(const Allocated&) = delete;
    Allocated& operator=(const Allocated&) = delete;
    ~Allocated() { ::VirtualFree(base_, 0, MEM_RELEASE); }

    [[nodiscard]] std::uint8_t* at(std::size_t number) const { return base_ + number * page(); }

private:
    std::uint8_t* base_;
};

TEST(WindowsRegions, ReportNoAccessForGuards) {
    const Allocated pages(3);
    DWORD before = 0;
    ASSERT_TRUE(::VirtualProtect(pages.at(1), page(), PAGE_READWRITE | PAGE_GUARD, &before));
    const Region guard = query(pages.at(1));
    EXPECT_EQ(guard.address, pages.at(1));
    EXPECT_EQ(guard.size, page());
    EXPECT_FALSE(guard.is_readable || guard.is_writable || guard.is_executable);
    EXPECT_EQ(guard.kind, RegionKind::anonymous);
}

// Pitfall: virtualquery-start
TEST(WindowsRegions, ReportCommittedPagesWithoutAccessAsCommitted) {
    const Allocated reserved(4, MEM_RESERVE);
    ASSERT_NE(::VirtualAlloc(reserved.at(1), page(), MEM_COMMIT, PAGE_NOACCESS), nullptr);
    EXPECT_EQ(query(reserved.at(0)).kind, RegionKind::reserved);
    EXPECT_EQ(query(reserved.at(1)).kind, RegionKind::anonymous);
    EXPECT_EQ(query(reserved.at(3)).kind, RegionKind::reserved);
    EXPECT_EQ(query(reserved.at(3)).address, reserved.at(2));
}

/// A section of a file, or of the page file, mapped readable.
class Section {
public:
    explicit Section(HANDLE file)
        : section_(::CreateFileMappingW(file, nullptr, PAGE_READONLY, 0,
                                        file == INVALID_HANDLE_VALUE ? 65536 : 0, nullptr)),
          view_(::MapViewOfFile(section_, FILE_MAP_READ, 0, 0, 0)) {}
    Section(const Section&) = delete;
    Section& operator=(const Section&) = delete;
    ~Section() {
        ::UnmapViewOfFile(view_);
        ::CloseHandle(section_);
    }
    [[nodiscard]] const void* view() const { return view_; }

private:
    HANDLE section_;
    void* view_;
};

// Pitfall: shared-looks-like-file
TEST(WindowsRegions, ReportSectionsOfThePageFileAsSharedMemory) {
    const Section section(INVALID_HANDLE_VALUE);
    ASSERT_NE(section.view(), nullptr);
    const Region region = query(section.view());
    EXPECT_EQ(region.kind, RegionKind::shared) << region.name;
    EXPECT_EQ(region.name, "");
    EXPECT_TRUE(region.is_readable);
}

TEST(WindowsRegions, ReportSectionsOfAFileAsThatFile) {
    const HANDLE file = ::CreateFileA(process::own_path().c_str(), GENERIC_READ, FILE_SHARE_READ,
                                      nullptr, OPEN_EXISTING, 0, nullptr);
    ASSERT_NE(file, INVALID_HANDLE_VALUE);
    {
        const Section section(file);
        ASSERT_NE(section.view(), nullptr);
        const Region region = query(section.view());
        EXPECT_EQ(region.kind, RegionKind::file);
        EXPECT_TRUE(region.name.ends_with("regions_test.exe")) << region.name;
    }
    ::CloseHandle(file);
}

BOOL WINAPI refusing_query(HANDLE, PVOID, DWORD) {
    ::SetLastError(ERROR_ACCESS_DENIED);
    return FALSE;
}

TEST(WindowsRegions, ReportAnErrorWhenResidencyIsUnknown) {
    const imports::Replaced<decltype(::K32QueryWorkingSetEx)> query_("K32QueryWorkingSetEx",
                                                                     &refusing_query);
    const Allocated pages(1);
    ::SetLastError(ERROR_BAD_LENGTH);
    EXPECT_EQ(try_resident_bytes(pages.at(0), 1).error(), std::errc::permission_denied);
    bool one = false;
    EXPECT_EQ(try_resident_pages(pages.at(0), {&one, 1}).error(), std::errc::permission_denied);
    EXPECT_EQ(::GetLastError(), DWORD{ERROR_BAD_LENGTH});
    EXPECT_EQ(try_resident_bytes(nullptr, 1), Result<std::size_t>(0)) << "needs no asking";
}

BOOL WINAPI refusing_counters(PPERFORMANCE_INFORMATION, DWORD) { return FALSE; }

TEST(WindowsLimits, AreEmptyWhenWindowsDoesNotReportThem) {
    EXPECT_TRUE(memory_limits().committed.most);
    const imports::Replaced<decltype(::K32GetPerformanceInfo)> counters("K32GetPerformanceInfo",
                                                                        &refusing_counters);
    EXPECT_FALSE(memory_limits().committed.most);
}

}  // namespace
