// SPDX-License-Identifier: MIT
// Regions of Linux, by PROCMAP_QUERY and PAGEMAP_SCAN, and on kernels without them.
#include <memory_pages/pages.hpp>
#include <memory_pages/query.hpp>

#include "support/child.hpp"
#include "support/probe.hpp"
#include "support/seccomp.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/statfs.h>
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

/// A temporary folder.
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

/// Four pages of a file; all but the first are contiguous.
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

/// Runs `act` with the ioctls, and in a child without them.
void both_ways(const std::function<void()>& act) {
    act();
    if (seccomp::is_available()) {
        EXPECT_TRUE(child::passes([&] {
            seccomp::refuse({.number = SYS_ioctl}, ENOTTY);
            act();
        })) << "without ioctl";
    }
}

// Pitfall: map-file-names
TEST(KernelRegions, ReportPathsWithAnyCharacters) {
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
            std::array<char, 1024> buffer;
            const RegionView view = *try_query(file.base() + page(), buffer);
            EXPECT_EQ(view.address, file.base());
            EXPECT_EQ(view.kind, RegionKind::file);
            EXPECT_EQ(view.name, path);
        });
        ASSERT_EQ(::unlink(path.c_str()), 0);
        both_ways([&] { EXPECT_EQ(query(file.base()).name, path + " (deleted)"); });
    }
}

// Pitfall: map-file-names
TEST(KernelRegions, ContinueAfterAPathOfAnyLength) {
    const Folder folder;
    ASSERT_TRUE(folder.is_made());
    const std::filesystem::path before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    // Wherever the line is cut, the rest looks like a line.
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
            std::array<char, 300> buffer;
            for (const std::size_t size : {0U, 10U, 300U}) {
                const RegionView view = *try_query(file.base(), std::span(buffer).first(size));
                EXPECT_EQ(view.address, file.base());
                EXPECT_EQ(view.size, 4 * page());
                EXPECT_EQ(view.kind, RegionKind::file);
                EXPECT_TRUE(region.name.starts_with(view.name));
                EXPECT_GE(view.name.size() + 100, size) << "all but a line up to the name";
            }
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

// Pitfall: shared-looks-like-file
TEST(KernelRegions, ReportSharedMemory) {
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

/// The kind of a mapping, queried both ways; `free` if it cannot be made.
RegionKind kind_of_mapping(int flags, int file, std::size_t bytes) {
    void* const base = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, file, 0);
    if (base == MAP_FAILED) {
        return RegionKind::free;
    }
    const RegionKind kind = query(base).kind;
    both_ways([&] { EXPECT_EQ(query(base).kind, kind); });
    ::munmap(base, bytes);
    return kind;
}

TEST(KernelRegions, ReportTheZeroDeviceAsMemory) {
    const int zero = ::open("/dev/zero", O_RDWR | O_CLOEXEC);
    ASSERT_GE(zero, 0);
    EXPECT_EQ(kind_of_mapping(MAP_PRIVATE, zero, page()), RegionKind::anonymous);
    EXPECT_EQ(kind_of_mapping(MAP_SHARED, zero, page()), RegionKind::shared);
    ::close(zero);
}

TEST(KernelRegions, ReportHugePagesAsMemory) {
    constexpr unsigned of_huge_pages = 4;
    const int file = static_cast<int>(::syscall(SYS_memfd_create, "huge", of_huge_pages));
    struct statfs system{};
    if (file < 0 || ::fstatfs(file, &system) != 0) {
        GTEST_SKIP() << "this system keeps no huge pages";
    }
    // A huge page is taken at the first touch only.
    const auto huge = static_cast<std::size_t>(system.f_bsize);
    constexpr int flags = MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE;
    EXPECT_EQ(kind_of_mapping(MAP_PRIVATE | flags, -1, huge), RegionKind::anonymous);
    EXPECT_EQ(kind_of_mapping(MAP_SHARED | flags, -1, huge), RegionKind::shared);
    EXPECT_EQ(kind_of_mapping(MAP_SHARED | MAP_NORESERVE, file, huge), RegionKind::shared);
    ::close(file);
}

TEST(KernelRegions, ReportTheFirstSharedSegmentAsMemory) {
    // Its id, which becomes the inode, may be 0.
    const int segment = ::shmget(IPC_PRIVATE, page(), 0600);
    if (segment < 0) {
        GTEST_SKIP() << "this system has no shared segments";
    }
    void* const base = ::shmat(segment, nullptr, 0);
    ::shmctl(segment, IPC_RMID, nullptr);
    ASSERT_NE(base, reinterpret_cast<void*>(-1));
    both_ways([&] { EXPECT_EQ(query(base).kind, RegionKind::shared); });
    ::shmdt(base);
}

TEST(KernelRegions, ReportUnlinkedSharedMemoryAsMemory) {
    const std::string name = "/memory_pages." + std::to_string(::getpid());
    const int file = ::shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
    if (file < 0) {
        GTEST_SKIP() << "this system has no /dev/shm";
    }
    EXPECT_EQ(::ftruncate(file, static_cast<off_t>(page())), 0);
    EXPECT_EQ(kind_of_mapping(MAP_SHARED, file, page()), RegionKind::shared);
    EXPECT_EQ(::shm_unlink(name.c_str()), 0);
    EXPECT_EQ(kind_of_mapping(MAP_SHARED, file, page()), RegionKind::shared);
    ::close(file);
}

TEST(KernelRegions, ReportMemoryOfDescriptorsAsShared) {
    const int file = static_cast<int>(::syscall(SYS_memfd_create, "x", MFD_CLOEXEC));
    ASSERT_EQ(::ftruncate(file, static_cast<off_t>(page())), 0);
    EXPECT_EQ(kind_of_mapping(MAP_PRIVATE, file, page()), RegionKind::shared);
    EXPECT_EQ(kind_of_mapping(MAP_SHARED, file, page()), RegionKind::shared);
    ::close(file);
    const int ring =
        static_cast<int>(::syscall(SYS_io_uring_setup, 1, std::array<char, 256>{}.data()));
    if (ring >= 0) {  // "anon_inode:[io_uring]"
        EXPECT_EQ(kind_of_mapping(MAP_SHARED | MAP_POPULATE, ring, page()), RegionKind::shared);
        ::close(ring);
    }
}

TEST(KernelRegions, ReportFilesNamedLikeMemoryAsFiles) {
    for (const std::string name : {"/memfd:memory_pages", "/SYSV00000000", "/anon_hugepage"}) {
        const int file = ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (file < 0) {
            GTEST_SKIP() << "only root may write into the root";
        }
        EXPECT_EQ(::ftruncate(file, static_cast<off_t>(page())), 0);
        EXPECT_EQ(kind_of_mapping(MAP_SHARED, file, page()), RegionKind::file) << name;
        EXPECT_EQ(::unlink(name.c_str()), 0);
        EXPECT_EQ(kind_of_mapping(MAP_SHARED, file, page()), RegionKind::file) << name;
        EXPECT_EQ(kind_of_mapping(MAP_PRIVATE, file, page()), RegionKind::file) << name;
        ::close(file);
    }
}

TEST(KernelRegions, ReadFilesWithoutAnInheritableDescriptor) {
    if (!seccomp::is_available()) {
        GTEST_SKIP() << "this system has no seccomp filters";
    }
    constexpr long memfd_secret = 447;
    EXPECT_TRUE(child::passes([] {
        const MappedFile shared(static_cast<int>(::syscall(SYS_memfd_create, "x", MFD_CLOEXEC)),
                                MAP_SHARED);
        const int file = static_cast<int>(::syscall(memfd_secret, O_CLOEXEC));
        const MappedFile secret(file, MAP_SHARED);
        // The error for a lack of descriptors, which the query passes on.
        seccomp::refuse(
            {.number = SYS_memfd_create, .argument = 1, .value = 0, .mask = MFD_CLOEXEC}, EMFILE);
        seccomp::refuse({.number = memfd_secret, .argument = 0, .value = 0, .mask = O_CLOEXEC},
                        EMFILE);
        EXPECT_EQ(query(shared.base()).kind, RegionKind::shared);
        if (file >= 0) {
            EXPECT_EQ(query(secret.base()).kind, RegionKind::shared);
        }
    }));
}

TEST(KernelRegions, AreRefusedWithoutMemoryAndNotRetried) {
    if (!seccomp::is_available()) {
        GTEST_SKIP() << "this system has no seccomp filters";
    }
    EXPECT_TRUE(child::passes([] {
        seccomp::refuse({.number = SYS_ioctl}, ENOMEM);
        EXPECT_EQ(try_query(nullptr).error(), std::errc::not_enough_memory);
        std::array<bool, 1> one{};
        EXPECT_EQ(try_resident_pages(&one, one).error(), std::errc::not_enough_memory);
    }));
}

// Pitfall: smaps-slow
TEST(KernelRegions, MatchForEveryKernelInterface) {
    if (!seccomp::is_available()) {
        GTEST_SKIP() << "this system has no seccomp filters";
    }
    if (!probe::heap_maps_nothing()) {
        GTEST_SKIP() << "the C library maps pages for small blocks, and the test compares mappings";
    }
    EXPECT_TRUE(child::passes([] {
        const auto all = [](std::vector<std::string>& texts) {
            for (const Region& region : regions()) {
                // Only the text form has the kernel's own page; the heap may grow.
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

TEST(KernelRegions, CannotBeReadWithoutProcFiles) {
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

// Pitfall: map-list-truncated
TEST(KernelRegions, ReportAnUnfinishedRead) {
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
        while (next && *next) {  // The text that was read already.
            next = walk.try_next();
        }
        EXPECT_EQ(next.error(), std::errc::io_error);
        std::array<bool, 1> one{};
        EXPECT_EQ(try_resident_pages(&one, one).error(), std::errc::io_error);
    }));
}

// Pitfall: mincore-page-cache
TEST(KernelResident, CountsFilePagesTouchedByThisProcess) {
    const Folder folder;
    ASSERT_TRUE(folder.is_made());
    const MappedFile file(make_file(folder.path() + "/file"), MAP_PRIVATE);
    // mincore(2): all pages were just written, and are in the cache.
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

TEST(KernelResident, MatchesForEveryKernelInterface) {
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

TEST(KernelResident, CountsBytesOfMappedPagesInAnyRange) {
    if (!probe::counts_are_ours()) {
        GTEST_SKIP() << "a sanitizer maps more than can be looked at page by page";
    }
    Pages<AllowRead, AllowWrite, DenyExec> pages(std::size_t{1} << 20);
    pages.populate();
    both_ways([&] {
        // Page by page this would take years.
        const std::size_t all = resident_bytes(nullptr, ~std::size_t{0} - page());
        EXPECT_GE(all, pages.size());
        EXPECT_LE(all, std::size_t{1} << 40);
        EXPECT_GE(resident_bytes(pages.data(), std::size_t{1} << 46), pages.size());
    });
}

TEST(KernelResident, CountsPagesThatWereOnlyRead) {
    const Pages<AllowRead, AllowWrite, DenyExec> pages(page());
    both_ways([&] {
        // A fork does not copy page tables that faults can fill again.
        const volatile std::uint8_t* const touched = pages.data();
        (void)*touched;
        EXPECT_EQ(resident_bytes(pages.data(), 1), page());
    });
}

}  // namespace
