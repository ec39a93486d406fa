// SPDX-License-Identifier: MIT
// What another thread maps while the kernel refuses to map or move pages: the addresses of a failed
// call may belong to that thread by then. The library calls the mmap and mremap of this file.

#include "support/fails.hpp"
#include "support/probe.hpp"

#include <memory_pages/memory_pages.hpp>

#include <fcntl.h>
#include <linux/mman.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <utility>

namespace {

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

/// The arguments of mmap(2) that matter here.
struct Mmap {
    void* where;
    std::size_t bytes;
    int protection;
    int flags;
};

void* real(const Mmap& call) {
    return reinterpret_cast<void*>(  // NOLINT(performance-no-int-to-ptr)
        ::syscall(SYS_mmap, call.where, call.bytes, call.protection, call.flags, -1, 0));
}

/// Replaces mmap in this thread while it is set.
thread_local const std::function<void*(const Mmap&)>* on_mmap = nullptr;

class Mapping {
public:
    explicit Mapping(std::function<void*(const Mmap&)> act) : act_(std::move(act)) {
        on_mmap = &act_;
    }
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    ~Mapping() { on_mmap = nullptr; }

private:
    std::function<void*(const Mmap&)> act_;
};

/// A page of another thread, at a free address.
const char* map_as_another_thread(void* where) {
    void* const page = real(Mmap{where, probe::page_size(), PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE});
    if (page != where) {
        return nullptr;
    }
    return std::strcpy(static_cast<char*>(page), "another's");
}

void* refuse(int error) {
    errno = error;
    return MAP_FAILED;
}

bool is_another_threads(const char* page) {
    return page != nullptr && probe::can_read(page) && std::string(page) == "another's";
}

/// A mapping for which the kernel has huge pages, but not at the wanted address.
void* map_elsewhere(const Mmap& call, std::size_t alignment) {
    const Mmap larger{nullptr, call.bytes + 2 * alignment, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE};
    const auto base = reinterpret_cast<std::uintptr_t>(real(larger));
    const std::uintptr_t odd = (base + alignment - 1) / alignment * alignment + alignment / 2;
    return reinterpret_cast<void*>(odd);  // NOLINT(performance-no-int-to-ptr)
}

/// The arguments of mremap(2).
struct Mremap {
    void* from;
    std::size_t old_bytes;
    std::size_t new_bytes;
    int flags;
    void* to;
};

void* real(const Mremap& call) {
    return reinterpret_cast<void*>(  // NOLINT(performance-no-int-to-ptr)
        ::syscall(SYS_mremap, call.from, call.old_bytes, call.new_bytes, call.flags, call.to));
}

/// The first mremap onto given addresses finds them unmapped and taken by another thread.
thread_local const char** taken_by_another = nullptr;

constexpr int no_place = MAP_FIXED | MAP_FIXED_NOREPLACE;

TEST(HugePagesRequired, TouchNothingWhenTheirAddressIsTaken) {
    const std::size_t huge = huge_page_size();
    if (huge == 0) {
        GTEST_SKIP() << "this system has no huge pages";
    }
    const std::size_t alignment = 4 * huge;
    const char* another = nullptr;
    const Mapping mapping([&](const Mmap& call) {
        if ((call.flags & MAP_HUGETLB) == 0) {
            return real(call);
        }
        if ((call.flags & no_place) == 0) {
            return map_elsewhere(call, alignment);
        }
        // As a kernel without memory does, which has unmapped the target first.
        (void)::munmap(call.where, call.bytes);
        another = map_as_another_thread(call.where);
        return refuse(ENOMEM);
    });
    EXPECT_EQ(
        ReadWrite::try_new(2 * huge, {.alignment = alignment, .huge_pages = HugePages::require})
            .error(),
        PageError::huge_page_limit);
    EXPECT_TRUE(is_another_threads(another));
}

TEST(HugePagesRequired, AreMappedElsewhereWhenTheirAddressIsTaken) {
    const std::size_t huge = huge_page_size();
    if (huge == 0) {
        GTEST_SKIP() << "this system has no huge pages";
    }
    const std::size_t alignment = 4 * huge;
    const char* another = nullptr;
    const Mapping mapping([&](const Mmap& call) {
        if ((call.flags & MAP_HUGETLB) == 0) {
            return real(call);
        }
        if ((call.flags & no_place) == 0) {
            return map_elsewhere(call, alignment);
        }
        if (another == nullptr) {
            another = map_as_another_thread(call.where);
        }
        return real(Mmap{call.where, call.bytes, call.protection,
                         (call.flags & no_place) | MAP_PRIVATE | MAP_ANONYMOUS});
    });
    const ReadWrite pages(2 * huge, {.alignment = alignment, .huge_pages = HugePages::require});
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pages.data()) % alignment, 0U);
    EXPECT_TRUE(is_another_threads(another));
}

/// As large as its reservation, so that one more element moves it.
PagedVec<std::uint64_t> full() {
    PagedVec<std::uint64_t> vec;
    vec.push_back(0);
    const std::size_t most = vec.stable_capacity();
    vec.reserve_exact(most);
    while (vec.size() != most) {
        vec.push_back(vec.size());
    }
    return vec;
}

bool is_counted(const PagedVec<std::uint64_t>& vec, std::size_t elements) {
    for (std::size_t i = 0; i != elements; ++i) {
        if (vec[i] != i) {
            return false;
        }
    }
    return true;
}

TEST(PagedVecMove, TouchesNothingWhenItsTargetIsTaken) {
    PagedVec<std::uint64_t> vec = full();
    const std::size_t most = vec.size();
    const char* another = nullptr;
    taken_by_another = &another;
    ASSERT_TRUE(vec.try_push_back(7));
    taken_by_another = nullptr;
    EXPECT_TRUE(is_counted(vec, most));
    EXPECT_EQ(vec.back(), 7U);
    vec = {};
    EXPECT_TRUE(is_another_threads(another));
}

TEST(Resize, TouchesNothingWhenItsTargetIsTaken) {
    constexpr std::size_t mib = std::size_t{1} << 20;
    ReadWrite pages(4 * mib, {.alignment = 8 * mib});
    const ReadWrite beside(4 * mib);
    pages[0] = 1;
    const char* another = nullptr;
    taken_by_another = &another;
    EXPECT_EQ(pages.try_resize(64 * mib).error(), std::errc::not_enough_memory);
    taken_by_another = nullptr;
    EXPECT_EQ(pages.size(), 4 * mib);
    EXPECT_EQ(pages[0], 1);
    EXPECT_TRUE(is_another_threads(another));
}

// A part of the pages may refuse to move; kernels since 6.17 move those before it.

/// The start of 4 MiB in its middle, at whole huge pages.
void* middle_of(PagedVec<std::uint64_t>& vec) {
    constexpr std::uintptr_t huge = std::uintptr_t{2} << 20;
    const auto middle = reinterpret_cast<std::uintptr_t>(vec.data()) + vec.size() * 4;
    return reinterpret_cast<void*>(middle & ~(huge - 1));  // NOLINT(performance-no-int-to-ptr)
}

TEST(PagedVecMove, KeepsEveryElementWhenAPartIsSealed) {
    constexpr long mseal = 462;
    PagedVec<std::uint64_t> vec = full();
    const std::size_t most = vec.size();
    if (::syscall(mseal, middle_of(vec), std::size_t{4} << 20, 0) != 0) {
        GTEST_SKIP() << "this kernel cannot seal memory";
    }
    ASSERT_TRUE(vec.try_push_back(7));
    EXPECT_TRUE(is_counted(vec, most));
    EXPECT_EQ(vec.back(), 7U);
}

TEST(PagedVecMove, KeepsEveryElementWhenAPartIsWatched) {
    PagedVec<std::uint64_t> vec = full();
    const std::size_t most = vec.size();
    const auto file = static_cast<int>(::syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK));
    uffdio_api api{};
    api.api = UFFD_API;
    uffdio_register watched{};
    watched.range = {reinterpret_cast<std::uintptr_t>(middle_of(vec)), std::uint64_t{4} << 20};
    watched.mode = UFFDIO_REGISTER_MODE_MISSING;
    // Not ioctl(2): its second argument is an int in some C libraries and a long in others.
    if (file < 0 || ::syscall(SYS_ioctl, file, UFFDIO_API, &api) != 0 ||
        ::syscall(SYS_ioctl, file, UFFDIO_REGISTER, &watched) != 0) {
        GTEST_SKIP() << "this process may not watch memory";
    }
    ASSERT_TRUE(vec.try_push_back(7));
    EXPECT_TRUE(is_counted(vec, most));
    EXPECT_EQ(vec.back(), 7U);
    ::close(file);
}

}  // namespace

/// By the name that the library calls: a definition in the executable precedes the C library's.
extern "C" [[gnu::visibility("default")]] void* map_here(void* where, std::size_t bytes,
                                                         int protection, int flags, int file,
                                                         off_t offset) asm("mmap");
extern "C" void* map_here(void* where, std::size_t bytes, int protection, int flags, int file,
                          off_t offset) {
    const Mmap call{where, bytes, protection, flags};
    if (on_mmap == nullptr || file != -1) {
        return reinterpret_cast<void*>(  // NOLINT(performance-no-int-to-ptr)
            ::syscall(SYS_mmap, where, bytes, protection, flags, file, offset));
    }
    return (*on_mmap)(call);
}

extern "C" [[gnu::visibility("default")]] void* move_here(void* from, std::size_t old_bytes,
                                                          std::size_t new_bytes, int flags,
                                                          void* to) asm("mremap");
extern "C" void* move_here(void* from, std::size_t old_bytes, std::size_t new_bytes, int flags,
                           void* to) {
    if (taken_by_another == nullptr || *taken_by_another != nullptr ||
        (flags & MREMAP_FIXED) == 0) {
        return real({from, old_bytes, new_bytes, flags, to});
    }
    (void)::munmap(to, new_bytes);
    *taken_by_another = map_as_another_thread(to);
    return refuse(ENOMEM);
}
