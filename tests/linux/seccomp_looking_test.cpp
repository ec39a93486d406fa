// SPDX-License-Identifier: MIT
// What Linux shows of regions, by PROCMAP_QUERY and PAGEMAP_SCAN, and on kernels without them.
#include <memory_pages/pages.hpp>
#include <memory_pages/query.hpp>

#include "support/child.hpp"
#include "support/probe.hpp"
#include "support/seccomp.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

namespace {

using namespace memory_pages;

std::size_t page() { return probe::page_size(); }

/// A folder of the test's own.
class Folder {
public:
    Folder() { is_made_ = ::mkdtemp(path_.data()) != nullptr; }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code error;
        std::filesystem::remove_all(path_, error);
    }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] bool is_made() const { return is_made_; }

private:
    std::string path_ = (std::filesystem::temp_directory_path() / "memory_pages.XXXXXX").string();
    bool is_made_ = false;
};

/// Four pages of a file, all but the first behind each other.
class MappedFile {
public:
    MappedFile(int file, int flags)
        : base_(static_cast<std::uint8_t*>(
              ::mmap(nullptr, 4 * page(), PROT_READ | PROT_WRITE, flags, file, 0))) {
        ::close(file);
    }
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile() { ::munmap(base_, 4 * page()); }
    [[nodiscard]] std::uint8_t* base() const { return base_; }

private:
    std::uint8_t* base_;
};

/// A file of four pages, relative to the working folder.
int make_file(const std::string& name) {
    const int file = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    EXPECT_GE(file, 0) << name;
    const std::vector<char> bytes(4 * page(), 'x');
    EXPECT_EQ(::write(file, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    return file;
}

/// Both ways of asking: the kernel's own, and in a child that cannot ask by ioctl.
void both_ways(const std::function<void()>& act) {
    act();
    if (seccomp::is_available()) {
        EXPECT_TRUE(child::passes([&] {
            seccomp::refuse({.number = SYS_ioctl}, ENOTTY);
            act();
        })) << "without ioctl";
    }
}

TEST(KernelRegions, TellThePathsOfFilesWhateverTheyAreCalled) {
    const Folder folder;
    ASSERT_TRUE(folder.is_made());
    for (const std::string name : {"plain", " a  b ", "line\nbreak", "\\01", "x (deleted)"}) {
        const std::string path = folder.path() + '/' + name;
        const MappedFile file(make_file(path), MAP_PRIVATE);
        both_ways([&] {
            const Region region = query(file.base() + page());
            EXPECT_EQ(region.address, file.base());
            EXPECT_EQ(region.size, 4 * page());
            EXPECT_EQ(region.kind, RegionKind::file);
            EXPECT_EQ(region.name, path);
        });
        ASSERT_EQ(::unlink(path.c_str()), 0);
        both_ways([&] { EXPECT_EQ(query(file.base()).name, path + " (deleted)"); });
    }
}

TEST(KernelRegions, GoOnBehindAPathThatIsLongerThanAnyRoomForIt) {
    const Folder folder;
    ASSERT_TRUE(folder.is_made());
    const std::filesystem::path before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    // Wherever it is cut, what is left looks like a line of its own.
    std::string name(200, '0');
    name += "7ffffffe0000-7fffffff0000 rw-p 0 0:0 0 x";
    std::size_t depth = 0;
    while (depth < 40 && ::mkdir(name.c_str(), 0700) == 0 && ::chdir(name.c_str()) == 0) {
        ++depth;
    }
    {
        const MappedFile file(make_file("file"), MAP_PRIVATE);
        both_ways([&] {
            const Region region = query(file.base());
            EXPECT_EQ(region.address, file.base());
            EXPECT_EQ(region.kind, RegionKind::file);
            EXPECT_TRUE(region.name.starts_with(folder.path()));
            bool is_seen = false;
            std::size_t behind = 0;
            const std::uint8_t* end = nullptr;
            for (const Region& each : regions()) {
                EXPECT_GE(each.address, end);
                end = each.address + each.size;
                behind += is_seen ? 1 : 0;
                EXPECT_NE(each.address, reinterpret_cast<const std::uint8_t*>(0x7ffffffe0000));
                is_seen = is_seen || each.address == file.base();
            }
            EXPECT_TRUE(is_seen);
            EXPECT_GT(behind, 0U) << "the stack at least";
        });
        (void)::unlink("file");
    }
    // No path is short enough to name them.
    for (; depth != 0; --depth) {
        ASSERT_EQ(::chdir(".."), 0);
        ASSERT_EQ(::rmdir(name.c_str()), 0);
    }
    std::filesystem::current_path(before);
}

TEST(KernelRegions, TellOfMemoryThatMayBeShared) {
    const MappedFile anonymous(
        static_cast<int>(::syscall(SYS_memfd_create, "looked at", MFD_CLOEXEC)), MAP_SHARED);
    both_ways([&] {
        const Region region = query(anonymous.base());
        EXPECT_EQ(region.kind, RegionKind::shared);
        EXPECT_TRUE(region.name.starts_with("/memfd:looked at")) << region.name;
    });
    void* const shared = ::mmap(nullptr, page(), PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(shared, MAP_FAILED);
    both_ways([&] { EXPECT_EQ(query(shared).kind, RegionKind::shared); });
    ::munmap(shared, page());
}

TEST(KernelRegions, AreTheSameHoweverTheKernelIsAsked) {
    if (!seccomp::is_available()) {
        GTEST_SKIP() << "this system has no seccomp filters";
    }
    if (!probe::heap_maps_nothing()) {
        GTEST_SKIP() << "the C library maps pages for small blocks, and the test compares mappings";
    }
    EXPECT_TRUE(child::passes([] {
        const auto all = [](std::vector<std::string>& texts) {
            for (const Region& region : regions()) {
                // The kernel's own page is in the text alone; the heap may grow.
                if (region.name != "[vsyscall]" && region.name != "[heap]") {
                    texts.push_back(to_string(region));
                }
            }
        };
        std::vector<std::string> by_ioctl;
        std::vector<std::string> by_text;
        by_ioctl.reserve(100'000);
        by_text.reserve(100'000);
        all(by_ioctl);
        seccomp::refuse({.number = SYS_ioctl}, ENOTTY);
        all(by_text);
        EXPECT_EQ(by_ioctl, by_text);
        EXPECT_GT(by_text.size(), 5U);
    }));
}

TEST(KernelRegions, CannotBeSeenWhereTheKernelShowsNoFiles) {
    if (!seccomp::is_available()) {
        GTEST_SKIP() << "this system has no seccomp filters";
    }
    EXPECT_TRUE(child::passes([] {
        seccomp::refuse_opening(EACCES);
        EXPECT_EQ(try_query(nullptr).error(), std::errc::permission_denied);
        Regions walk = regions();
        EXPECT_EQ(walk.try_next().error(), std::errc::permission_denied);
        std::array<bool, 1> one{};
        EXPECT_EQ(try_resident_bytes(&one, 1).error(), std::errc::permission_denied);
        EXPECT_EQ(try_resident_pages(&one, one).error(), std::errc::permission_denied);
    }));
}

TEST(KernelRegions, ThatCannotBeReadToTheirEndSaySo) {
    if (!seccomp::is_available()) {
        GTEST_SKIP() << "this system has no seccomp filters";
    }
    EXPECT_TRUE(child::passes([] {
        seccomp::refuse({.number = SYS_ioctl}, ENOTTY);
        Regions walk = regions();
        ASSERT_TRUE(walk.try_next());
        seccomp::refuse({.number = SYS_read}, EIO);
        seccomp::refuse({.number = SYS_pread64}, EIO);
        Result<bool> next = true;
        while (next && *next) {  // What was read already.
            next = walk.try_next();
        }
        EXPECT_EQ(next.error(), std::errc::io_error);
        std::array<bool, 1> one{};
        EXPECT_EQ(try_resident_pages(&one, one).error(), std::errc::io_error);
    }));
}

TEST(KernelResident, PagesOfAFileAreThoseThatWereTouchedHere) {
    const Folder folder;
    ASSERT_TRUE(folder.is_made());
    const MappedFile file(make_file(folder.path() + "/file"), MAP_PRIVATE);
    // mincore(2): all were written a moment ago, and are in the cache.
    EXPECT_EQ(probe::resident_bytes(file.base(), 4 * page()), 4 * page());
    both_ways([&] {
        EXPECT_EQ(resident_bytes(file.base(), 4 * page()), 0U);
        const volatile std::uint8_t* const touched = file.base() + page();
        (void)*touched;
        EXPECT_GE(resident_bytes(file.base(), 4 * page()), page());
        bool is_resident = false;
        resident_pages(file.base() + page(), {&is_resident, 1});
        EXPECT_TRUE(is_resident);
        ::madvise(file.base(), 4 * page(), MADV_DONTNEED);
        EXPECT_EQ(resident_bytes(file.base(), 4 * page()), 0U);
    });
}

TEST(KernelResident, PagesAreTheSameHoweverTheKernelIsAsked) {
    constexpr std::size_t count = 2000;
    Pages<AllowRead, AllowWrite, DenyExec> pages(count * page(), {.huge_pages = HugePages::never});
    for (std::size_t i = 0; i < count; ++i) {
        if (i % 3 == 0 || (i > 1000 && i < 1400)) {
            pages[i * page()] = 1;
        }
    }
    both_ways([&] {
        std::array<bool, count> is_resident{};
        resident_pages(pages.data(), is_resident);
        std::size_t resident = 0;
        for (std::size_t i = 0; i < count; ++i) {
            EXPECT_EQ(is_resident[i], i % 3 == 0 || (i > 1000 && i < 1400)) << i;
            resident += is_resident[i] ? page() : 0;
        }
        EXPECT_EQ(resident_bytes(pages.data(), pages.size()), resident);
        EXPECT_EQ(resident_bytes(reinterpret_cast<void*>(~std::uintptr_t{0} - 5 * page()), page()),
                  0U)
            << "the kernel's own addresses";
    });
}

TEST(KernelResident, PagesThatWereOnlyReadCount) {
    const Pages<AllowRead, AllowWrite, DenyExec> pages(page());
    both_ways([&] {
        // A fork leaves out what can be faulted in again.
        const volatile std::uint8_t* const touched = pages.data();
        (void)*touched;
        EXPECT_EQ(resident_bytes(pages.data(), 1), page());
    });
}

}  // namespace
