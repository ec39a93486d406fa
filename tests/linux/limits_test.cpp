// SPDX-License-Identifier: MIT
// Under each limit of a system, everything works or fails by name, stays unchanged, and is
// released. Each test lowers the limits of its own child.

#include "support/child.hpp"
#include "support/fails.hpp"
#include "support/probe.hpp"
#include "support/seccomp.hpp"

#include <memory_pages/memory_pages.hpp>

#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

constexpr std::size_t mebi = std::size_t{1} << 20;
constexpr std::uint8_t sample = 0x5A;

bool all_are(const auto& bytes, std::uint8_t value) {
    return std::ranges::all_of(bytes, [=](std::uint8_t byte) { return byte == value; });
}

// -- what must hold under any limit ---------------------------------------------------------------

/// `resize` to more, to much more, and to less.
void expect_resize_works_or_says(PageError limit, ReadWrite& pages) {
    for (const std::size_t bytes : {4 * mebi, 64 * mebi, 1024 * mebi, mebi}) {
        const std::size_t old_size = pages.size();
        const auto resized = pages.try_resize(bytes);
        EXPECT_EQ(pages.size(), resized ? bytes : old_size);
        EXPECT_TRUE(resized || resized.error() == limit) << resized.error();
        EXPECT_TRUE(all_are(pages.bytes().first(mebi), sample));
    }
}

void expect_changes_work_or_say(PageError limit, ReadWrite pages) {
    auto frozen = std::move(pages).try_deny_write();
    if (!frozen) {
        EXPECT_EQ(frozen.error().error, limit);
        EXPECT_EQ(probe::permissions(frozen.error().pages.data()), "rw-");
        EXPECT_TRUE(all_are(frozen.error().pages.bytes().first(mebi), sample));
        return;
    }
    EXPECT_EQ(probe::permissions(frozen->data()), "r--");
    auto thawed = std::move(*frozen).try_allow_write();
    if (!thawed) {
        EXPECT_EQ(thawed.error().error, limit);
        EXPECT_TRUE(all_are(thawed.error().pages.bytes().first(mebi), sample));
        return;
    }
    EXPECT_TRUE(all_are(thawed->bytes().first(mebi), sample));
}

void expect_memory_goes_back(ReadWrite& pages) {
    const std::size_t half = pages.size() / 2;
    ASSERT_TRUE(pages.try_decommit(0, half));
    EXPECT_EQ(probe::resident_bytes(pages.data(), half), 0U);
    ASSERT_TRUE(pages.try_zero());
    EXPECT_TRUE(all_are(pages, 0));
}

void expect_pages_work_or_say(PageError limit) {
    for (const PageOptions options :
         {PageOptions{}, PageOptions{.alignment = 8 * mebi}, PageOptions{.alignment = 1024 * mebi},
          PageOptions{.populate = true}}) {
        auto pages = ReadWrite::try_new(mebi, options);
        if (!pages) {
            EXPECT_EQ(pages.error(), limit);
            continue;
        }
        std::ranges::fill(*pages, sample);
        const std::size_t page = probe::page_size();
        const auto advised = pages->try_advise(Advice::random, page, page);
        EXPECT_TRUE(advised || advised.error() == limit) << advised.error();
        expect_resize_works_or_says(limit, *pages);
        expect_memory_goes_back(*pages);
        std::ranges::fill(*pages, sample);
        expect_changes_work_or_say(limit, std::move(*pages));
    }
}

/// A vector that grows until it is refused, or long enough.
void expect_a_vector_works_or_says(PageError limit) {
    PagedVec<std::uint64_t> vec;
    constexpr std::size_t enough = 4 * mebi;
    std::error_code refused;
    while (!refused && vec.size() < enough) {
        const auto pushed = vec.try_push_back(vec.size());
        refused = pushed ? std::error_code() : pushed.error();
    }
    EXPECT_TRUE(!refused || refused == limit) << refused.message();
    for (std::size_t i = 0; i < vec.size(); ++i) {
        ASSERT_EQ(vec[i], i);
    }
    const std::size_t reserved = vec.stable_capacity() * sizeof(std::uint64_t);
    EXPECT_LE(probe::resident_bytes(vec.data(), reserved), vec.capacity() * sizeof(std::uint64_t));
    vec.resize(std::min<std::size_t>(vec.size(), 1));
    vec.shrink_to_fit();
    EXPECT_LE(probe::resident_bytes(vec.data(), reserved), probe::page_size());
    for (std::size_t i = 0; i < vec.size(); ++i) {
        EXPECT_EQ(vec[i], i);
    }
}

/// Ranges of a reservation that are committed side by side, change and end.
void expect_a_reservation_works_or_says(PageError limit) {
    const auto made = Reservation::try_new(16 * mebi);
    if (!made) {
        EXPECT_EQ(made.error(), limit);
        return;
    }
    const Reservation& reservation = *made;
    std::uint8_t* const address = reservation.address();
    for (std::size_t offset = 0; offset + mebi <= reservation.size(); offset += 4 * mebi) {
        auto range = reservation.try_commit<AllowRead, AllowWrite>(offset + mebi, mebi);
        if (!range) {
            EXPECT_EQ(range.error(), limit);
            EXPECT_FALSE(probe::can_read(address + offset + mebi));
            EXPECT_FALSE(probe::can_read(address + offset + 2 * mebi - 1));
            continue;
        }
        EXPECT_TRUE(all_are(*range, 0));
        std::ranges::fill(*range, sample);
        auto [front, behind] = std::move(*range).split_at(mebi / 2);
        auto frozen = std::move(front).try_deny_write();
        EXPECT_TRUE(frozen || frozen.error().error == limit);
        EXPECT_TRUE(all_are(behind, sample));
    }
    EXPECT_EQ(reservation.ranges(), 0U);
    EXPECT_EQ(probe::resident_bytes(address, reservation.size()), 0U);
}

/// Parts of pages that change and end; neighbours with equal permissions are one mapping.
void expect_parts_work_or_say(PageError limit) {
    auto pages = ReadWrite::try_new(3 * mebi);
    if (!pages) {
        EXPECT_EQ(pages.error(), limit);
        return;
    }
    std::ranges::fill(*pages, sample);
    auto [front, rest] = std::move(*pages).split_at(mebi);
    auto [middle, last] = std::move(rest).split_at(mebi);
    std::uint8_t* const address = front.data();
    {
        const ReadWrite ended = std::move(front);
    }
    if (probe::heap_maps_nothing()) {  // Otherwise it may be mapped by now.
        EXPECT_EQ(probe::resident_bytes(address, mebi), 0U);
    }
    const auto frozen = std::move(middle).try_deny_write();
    EXPECT_TRUE(frozen || frozen.error().error == limit);
    EXPECT_TRUE(all_are(last, sample));
}

/// All of the above, without leaks.
void expect_works_or_says(PageError limit) {
    const std::size_t before = probe::address_space_bytes();
    expect_pages_work_or_say(limit);
    expect_a_reservation_works_or_says(limit);
    expect_parts_work_or_say(limit);
    expect_a_vector_works_or_says(limit);
    if (probe::heap_maps_nothing()) {
        EXPECT_EQ(probe::address_space_bytes(), before);
    }
}

void expect_errno_is_kept(auto act) {
    errno = ERANGE;
    act();
    EXPECT_EQ(errno, ERANGE);
}

void lower(auto resource, std::size_t bytes) {
    rlimit limit{};
    ASSERT_EQ(::getrlimit(resource, &limit), 0);
    limit.rlim_cur = bytes;
    ASSERT_EQ(::setrlimit(resource, &limit), 0);
}

/// A figure of this process in /proc/self/status, in bytes.
std::size_t bytes_in_status(const std::string& key) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(key + ":")) {
            return std::stoul(line.substr(key.size() + 1)) * 1024;
        }
    }
    return 0;
}

// -- address space --------------------------------------------------------------------------------

TEST(AddressSpaceLimit, IsNamedInTheError) {
    EXPECT_TRUE(child::passes([] {
        lower(RLIMIT_AS, probe::address_space_bytes() + 24 * mebi);
        EXPECT_EQ(ReadWrite::try_new(128 * mebi).error(), PageError::address_space_limit);
        EXPECT_FAILS(ReadWrite(128 * mebi), PageError::address_space_limit);
        EXPECT_TRUE(ReadWrite::try_new(16 * mebi));
        expect_works_or_says(PageError::address_space_limit);
        expect_works_or_says(PageError::address_space_limit);
    }));
}

// Pitfall: address-space-limit
TEST(AddressSpaceLimit, IsNamedByAReservation) {
    EXPECT_TRUE(child::passes([] {
        lower(RLIMIT_AS, probe::address_space_bytes() + 24 * mebi);
        EXPECT_EQ(Reservation::try_new(1024 * mebi).error(), PageError::address_space_limit);
        EXPECT_FAILS(Reservation(1024 * mebi), PageError::address_space_limit);
        EXPECT_FAILS_SAYING(Reservation(1024 * mebi), testing::HasSubstr("ulimit -v"));
        EXPECT_TRUE(Reservation::try_new(16 * mebi));
    }));
}

TEST(AddressSpaceLimit, RefusesTrackingMemory) {
    EXPECT_TRUE(child::passes([] {
        const std::size_t page = probe::page_size();
        auto reservation = Reservation::try_new(page << 34U);
        if (!reservation) {
            return;  // Too little address space here.
        }
        lower(RLIMIT_AS, probe::address_space_bytes());
        EXPECT_EQ((reservation->try_commit<AllowRead, AllowWrite>(0, page).error()),
                  std::errc::not_enough_memory);
        EXPECT_EQ(reservation->ranges(), 0U);
        EXPECT_FALSE(probe::can_read(reservation->address()));
    }));
}

// Pitfall: address-space-limit
TEST(AddressSpaceLimit, MakesAVectorReserveLess) {
    EXPECT_TRUE(child::passes([] {
        const std::size_t limit = probe::address_space_bytes() + 24 * mebi;
        lower(RLIMIT_AS, limit);
        PagedVec<std::uint8_t> vec;
        vec.push_back(sample);
        EXPECT_LE(vec.stable_capacity(), limit / 64 + probe::page_size());
        vec.resize(6 * mebi, sample);
        EXPECT_BAD_ALLOC(vec.resize(limit));
        EXPECT_EQ(vec.size(), 6 * mebi);
        EXPECT_TRUE(all_are(vec, sample));
        EXPECT_FALSE((PagedVec<std::uint8_t>::try_with_max_capacity(1, 256 * mebi)));
    }));
}

// Pitfall: address-space-limit
TEST(AddressSpaceLimit, LeavesRoomBesideManyVectors) {
    EXPECT_TRUE(child::passes([] {
        lower(RLIMIT_AS, probe::address_space_bytes() + 1200 * mebi);
        std::vector<PagedVec<int>> vecs(16);
        for (PagedVec<int>& vec : vecs) {
            vec.push_back(1);
        }
        bool has_run = false;
        std::thread([&] { has_run = true; }).join();
        EXPECT_TRUE(has_run);
        EXPECT_NE(std::make_unique<char[]>(mebi), nullptr);
    }));
}

// Pitfall: protect-hits-data-limit
TEST(DataLimit, IsNamedInTheError) {
    if (!probe::heap_maps_nothing()) {
        GTEST_SKIP() << "the C library maps pages for small blocks, and the test needs some";
    }
    EXPECT_TRUE(child::passes([] {
        lower(RLIMIT_DATA, bytes_in_status("VmData") + 24 * mebi);
        EXPECT_EQ(ReadWrite::try_new(128 * mebi).error(), PageError::data_limit);
        expect_works_or_says(PageError::data_limit);
        expect_works_or_says(PageError::data_limit);
    }));
}

// Pitfall: protect-hits-data-limit
TEST(DataLimit, StopsAVectorAtACommit) {
    EXPECT_TRUE(child::passes([] {
        lower(RLIMIT_DATA, bytes_in_status("VmData") + 24 * mebi);
        PagedVec<std::uint8_t> vec;
        vec.push_back(sample);
        EXPECT_GE(vec.stable_capacity(), 256 * mebi) << "address space alone is no data";
        EXPECT_BAD_ALLOC(vec.reserve_exact(48 * mebi));
        EXPECT_EQ(vec.back(), sample);
        expect_errno_is_kept([&] { EXPECT_FALSE(vec.try_reserve_exact(48 * mebi)); });
        vec.reserve_exact(16 * mebi);
        vec.reserve(17 * mebi);
        EXPECT_EQ(vec.capacity(), 17 * mebi) << "twice as much is refused";
    }));
}

TEST(DataLimit, StopsOnlyTheUntypedCommit) {
    EXPECT_TRUE(child::passes([] {
        const Reservation reservation(256 * mebi);
        const UntypedReservation untyped = reservation.untyped();
        untyped.commit<AllowRead, AllowWrite>(0, probe::page_size());
        reservation.address()[0] = sample;
        lower(RLIMIT_DATA, bytes_in_status("VmData") + 24 * mebi);
        EXPECT_EQ((untyped.try_commit<AllowRead, AllowWrite>(0, 256 * mebi).error()),
                  PageError::data_limit);
        ASSERT_TRUE(probe::can_read(reservation.address()));
        EXPECT_EQ(reservation.address()[0], sample);
        EXPECT_FALSE(probe::can_read(reservation.address() + probe::page_size()));
        untyped.commit<AllowRead, AllowWrite>(0, mebi);
        EXPECT_EQ(reservation.address()[0], sample);
    }));
}

// -- locked memory --------------------------------------------------------------------------------

/// A privileged process has no limit, so this drops the privilege.
bool give_up_locking_rights() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
    if (::syscall(SYS_capget, &header, sets.data()) != 0) {
        return false;
    }
    sets[0].effective &= ~(1U << CAP_IPC_LOCK);
    return ::syscall(SYS_capset, &header, sets.data()) == 0;
}

/// Locks all future pages, up to the limit.
bool lock_future(std::size_t limit) {
    lower(RLIMIT_MEMLOCK, limit);
    return give_up_locking_rights() && ::mlockall(MCL_FUTURE) == 0;
}

// Pitfall: lock-limit
TEST(LockLimit, IsNamedInTheError) {
    EXPECT_TRUE(child::passes([] {
        ASSERT_TRUE(lock_future(6 * mebi));
        EXPECT_EQ(ReadWrite::try_new(8 * mebi).error(), PageError::lock_limit);
        expect_works_or_says(PageError::lock_limit);
        expect_works_or_says(PageError::lock_limit);
    }));
}

// Pitfall: locked-pages-not-freed
TEST(LockedPages, CanBeDecommitted) {
    EXPECT_TRUE(child::passes([] {
        ASSERT_TRUE(lock_future(4 * mebi));
        ReadWrite pages(mebi);
        EXPECT_EQ(probe::resident_bytes(pages.data(), mebi), mebi) << "locked, so resident";
        std::ranges::fill(pages, sample);
        pages.decommit();
        EXPECT_EQ(probe::resident_bytes(pages.data(), mebi), 0U);
        std::ranges::fill(pages, sample);
        pages.discard();
        EXPECT_EQ(probe::resident_bytes(pages.data(), mebi), 0U);
        std::ranges::fill(pages, sample);
        pages.zero();
        EXPECT_TRUE(all_are(pages, 0));
    }));
}

TEST(LockedPages, CanBeDecommittedWithOthers) {
    EXPECT_TRUE(child::passes([] {
        const std::size_t page = probe::page_size();
        for (const std::size_t locked : {0U, 2U, 4U}) {
            ReadWrite pages(5 * page);
            std::ranges::fill(pages, sample);
            ASSERT_EQ(::mlock(pages.data() + locked * page, page), 0);
            const std::array ranges = {ByteRange{0, page}, ByteRange{2 * page, page},
                                       ByteRange{4 * page, page}};
            pages.decommit(ranges);
            EXPECT_EQ(probe::resident_bytes(pages.data(), pages.size()), 2 * page) << locked;
        }
    }));
}

TEST(CallLengthLimit, DoesNotLimitManyRanges) {
    const std::size_t page = probe::page_size();
    const std::size_t half = std::size_t{5} << 29;
    ReadWrite pages(2 * half + 2 * page, {.uncharged = true});
    const std::array touched = {std::size_t{0}, half - page, half + page, 2 * half};
    for (const std::size_t offset : touched) {
        pages[offset] = sample;
    }
    pages.decommit(std::array{ByteRange{0, half}, ByteRange{half + page, half}});
    for (const std::size_t offset : touched) {
        EXPECT_EQ(probe::resident_bytes(pages.data() + offset, page), 0U) << offset;
    }
}

// Pitfall: lock-limit
TEST(LockFutureFlag, DoesNotLockReservedPages) {
    EXPECT_TRUE(child::passes([] {
        ASSERT_TRUE(lock_future(6 * mebi));
        PagedVec<std::uint8_t> vec;
        vec.push_back(sample);
        EXPECT_GE(vec.stable_capacity(), 3 * mebi) << "as much as may be locked, or half";
        EXPECT_LE(probe::resident_bytes(vec.data(), vec.stable_capacity()), vec.capacity());
        vec.resize(2 * mebi, sample);
        vec.clear_decommit();
        EXPECT_EQ(probe::resident_bytes(vec.data(), vec.stable_capacity()), 0U);
    }));
}

// -- commit ---------------------------------------------------------------------------------------

std::string first_line(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

std::size_t kibibytes_in_meminfo(const std::string& key) {
    std::ifstream file("/proc/meminfo");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(key + ":")) {
            return std::stoul(line.substr(key.size() + 1));
        }
    }
    return 0;
}

/// Strict overcommit accounting of the system with this much left, while it exists.
class StrictOvercommit {
public:
    explicit StrictOvercommit(std::size_t left) {
        const std::size_t used = kibibytes_in_meminfo("Committed_AS");
        is_on_ = put("overcommit_kbytes", std::to_string(used + left / 1024)) &&
                 put("overcommit_memory", "2");
    }
    StrictOvercommit(const StrictOvercommit&) = delete;
    StrictOvercommit& operator=(const StrictOvercommit&) = delete;
    ~StrictOvercommit() {
        put("overcommit_memory", mode_);
        put(kibibytes_ == "0" ? "overcommit_ratio" : "overcommit_kbytes",
            kibibytes_ == "0" ? ratio_ : kibibytes_);
    }

    [[nodiscard]] bool is_on() const { return is_on_; }

private:
    static std::string path(const std::string& name) { return "/proc/sys/vm/" + name; }
    static bool put(const std::string& name, const std::string& value) {
        std::ofstream file(path(name));
        return static_cast<bool>(file << value << std::flush) && first_line(path(name)) == value;
    }

    std::string mode_ = first_line(path("overcommit_memory"));
    std::string ratio_ = first_line(path("overcommit_ratio"));
    std::string kibibytes_ = first_line(path("overcommit_kbytes"));
    bool is_on_ = false;
};

// Pitfall: overcommit
TEST(OvercommitLimit, IsNamedInTheError) {
    if (std::getenv("MEMORY_PAGES_TEST_OVERCOMMIT") == nullptr) {
        GTEST_SKIP() << "sets vm.overcommit_memory of the whole system, which only "
                        "MEMORY_PAGES_TEST_OVERCOMMIT=1 allows";
    }
    const StrictOvercommit strict(1024 * mebi);
    if (!strict.is_on()) {
        GTEST_SKIP() << "vm.overcommit_memory cannot be set here";
    }
    EXPECT_TRUE(child::passes([] {
        EXPECT_EQ(ReadWrite::try_new(2048 * mebi).error(), PageError::commit_limit);
        EXPECT_FAILS(ReadWrite(2048 * mebi), PageError::commit_limit);
        EXPECT_BAD_ALLOC(PagedVec<std::uint8_t>::with_capacity(2048 * mebi));
        ReadWrite pages(mebi);
        EXPECT_EQ(pages.try_resize(2048 * mebi).error(), PageError::commit_limit);
        EXPECT_EQ(pages.size(), mebi);

        auto vec = PagedVec<std::uint8_t>::with_capacity(640 * mebi);
        EXPECT_GE(vec.stable_capacity(), 2048 * mebi) << "address space alone is not charged";
        EXPECT_EQ(vec.try_reserve_exact(2048 * mebi).error(), PageError::commit_limit);
        vec.reserve(641 * mebi);
        EXPECT_EQ(vec.capacity(), 641 * mebi) << "twice as much is refused";
        EXPECT_FALSE(ReadWrite::try_new(640 * mebi));

        const Reservation reservation(2048 * mebi);
        EXPECT_EQ((reservation.try_commit<AllowRead, AllowWrite>(0, 640 * mebi).error()),
                  PageError::commit_limit);
        for (int round = 0; round < 8; ++round) {
            const auto range = reservation.try_commit<AllowRead, AllowWrite>(0, 256 * mebi);
            EXPECT_TRUE(range) << "the charge went back each time";
        }
        vec.shrink_to_fit();
        EXPECT_TRUE(ReadWrite::try_new(640 * mebi)) << "the charge went back";
    }));
}

// Pitfall: overcommit
TEST(OvercommitLimit, RefusesMoreThanMemoryCouldHold) {
    if (first_line("/proc/sys/vm/overcommit_memory") != "0") {
        GTEST_SKIP() << "vm.overcommit_memory is not 0";
    }
    struct sysinfo info{};
    ASSERT_EQ(::sysinfo(&info), 0);
    const std::size_t too_much = 2 * (info.totalram + info.totalswap) * info.mem_unit;
    EXPECT_FAILS(ReadWrite(too_much), PageError::commit_limit);
    EXPECT_EQ(PagedVec<std::uint8_t>::try_with_capacity(too_much).error(), PageError::commit_limit);
    EXPECT_TRUE(ReadWrite::try_new(too_much, {.uncharged = true}));
}

// -- mappings -------------------------------------------------------------------------------------

/// Uses up all mappings of the process.
class EveryMapping {
public:
    EveryMapping() {
        const std::size_t page = probe::page_size();
        bytes_ = 2 * std::stoul(first_line("/proc/sys/vm/max_map_count")) * page;
        base_ = static_cast<std::byte*>(
            ::mmap(nullptr, bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
        while (::mprotect(base_ + next_, page, PROT_READ) == 0) {
            next_ += 2 * page;
        }
    }
    EveryMapping(const EveryMapping&) = delete;
    EveryMapping& operator=(const EveryMapping&) = delete;
    ~EveryMapping() {
        // As one mapping it can be unmapped.
        (void)::mprotect(base_, bytes_, PROT_NONE);
        (void)::munmap(base_, bytes_);
    }

    /// Releases two mappings.
    void give_back_two() {
        next_ -= 2 * probe::page_size();
        (void)::mprotect(base_ + next_, probe::page_size(), PROT_NONE);
    }

private:
    std::byte* base_;
    std::size_t bytes_;
    std::size_t next_ = 0;
};

// Pitfall: parts-use-up-mappings
TEST(MappingLimit, IsNamedInTheError) {
    if (!probe::heap_maps_nothing()) {
        GTEST_SKIP() << "the C library maps pages for small blocks, and the test needs some";
    }
    EXPECT_TRUE(child::passes([] {
        EveryMapping every;
        for (int left = 0; left <= 6; left += 2) {
            expect_works_or_says(PageError::map_count_limit);
            every.give_back_two();
        }
    }));
}

// Pitfall: parts-use-up-mappings
TEST(MappingLimit, IsNamedWhenReached) {
    if (!probe::heap_maps_nothing()) {
        GTEST_SKIP() << "the C library maps pages for small blocks, and the test needs some";
    }
    EXPECT_TRUE(child::passes([] {
        // Neighbours with equal permissions are one mapping.
        std::vector<ReadWrite> side_by_side;
        for (int i = 0; i < 12; ++i) {
            side_by_side.emplace_back(probe::page_size());
            side_by_side.back()[0] = sample;
        }
        const EveryMapping every;
        std::size_t refusals = 0;
        for (ReadWrite& pages : side_by_side) {
            auto frozen = std::move(pages).try_deny_write();
            if (frozen) {
                pages = std::move(*frozen).allow_write();
                continue;
            }
            ++refusals;
            EXPECT_EQ(frozen.error().error, PageError::map_count_limit);
            pages = std::move(frozen.error().pages);
            EXPECT_EQ(probe::permissions(pages.data()), "rw-");
            EXPECT_EQ(pages[0], sample);
        }
        EXPECT_GT(refusals, 0U);
    }));
}

// Pitfall: unmap-fails
// Pitfall: errno-changes
TEST(MappingLimit, LeavesAddressesWithoutMemory) {
    if (!probe::heap_maps_nothing()) {
        GTEST_SKIP() << "the C library maps pages for small blocks, and the test needs some";
    }
    EXPECT_TRUE(child::passes([] {
        std::vector<ReadWrite> side_by_side;
        std::vector<std::uint8_t*> addresses;
        for (int i = 0; i < 12; ++i) {
            side_by_side.emplace_back(probe::page_size());
            side_by_side.back()[0] = sample;
            addresses.push_back(side_by_side.back().data());
        }
        const EveryMapping every;
        expect_errno_is_kept([&] {
            // Every other one, so that unmapping would split a mapping.
            for (std::size_t i = 0; i < side_by_side.size(); i += 2) {
                side_by_side[i] = ReadWrite(std::move(side_by_side[i + 1]));
            }
        });
        std::size_t kept = 0;
        for (std::size_t i = 0; i < addresses.size(); i += 2) {
            EXPECT_EQ(probe::resident_bytes(addresses[i], 1), 0U);
            kept += probe::permissions(addresses[i]).empty() ? 0U : 1U;
            EXPECT_EQ(side_by_side[i][0], sample) << "its neighbour lost nothing";
        }
        EXPECT_GT(kept, 0U) << "no refusal was met";
    }));
}

// Pitfall: half-commit
TEST(MappingLimit, StopsOnlyTheCommit) {
    if (!probe::heap_maps_nothing()) {
        GTEST_SKIP() << "the C library maps pages for small blocks, and the test needs some";
    }
    EXPECT_TRUE(child::passes([] {
        const std::size_t page = probe::page_size();
        const Reservation reservation(64 * page);
        std::vector<PageRange<AllowRead, AllowWrite, DenyExec>> ranges;
        ranges.reserve(32);
        EveryMapping every;
        every.give_back_two();
        every.give_back_two();
        std::size_t refused = 0;
        for (std::size_t i = 0; i < 32; ++i) {
            auto range = reservation.try_commit<AllowRead, AllowWrite>(2 * i * page, page);
            if (range) {
                ranges.push_back(std::move(*range));
                ranges.back()[0] = sample;
            } else {
                ++refused;
                EXPECT_EQ(range.error(), PageError::map_count_limit);
                EXPECT_FALSE(probe::can_read(reservation.address() + 2 * i * page));
            }
        }
        EXPECT_GT(refused, 0U);
        EXPECT_EQ(reservation.ranges(), ranges.size());
        for (const auto& range : ranges) {
            EXPECT_EQ(range[0], sample);
        }
        expect_errno_is_kept([&] { ranges.clear(); });
        EXPECT_EQ(probe::resident_bytes(reservation.address(), reservation.size()), 0U);
        EXPECT_TRUE((reservation.try_commit<AllowRead, AllowWrite>(63 * page, page)));
    }));
}

// Pitfall: half-commit
TEST(MappingLimit, UndoesAHalfFinishedCommit) {
    if (!seccomp::is_available()) {
        GTEST_SKIP() << "this system has no seccomp filters";
    }
    EXPECT_TRUE(child::passes([] {
        const std::size_t page = probe::page_size();
        const Reservation reservation(8 * page);
        // Advice keeps the first half a separate mapping, whatever its permissions.
        ASSERT_EQ(::madvise(reservation.address(), 4 * page, MADV_RANDOM), 0);
        seccomp::refuse({.number = SYS_mmap, .argument = 3, .value = MAP_FIXED, .mask = MAP_FIXED},
                        EPERM);
        const EveryMapping every;
        // The first mapping changes as a whole; the second would have to be split.
        EXPECT_EQ((reservation.try_commit<AllowRead, AllowWrite>(0, 6 * page).error()),
                  PageError::map_count_limit);
        EXPECT_FALSE(probe::can_read(reservation.address()));
        EXPECT_FALSE(probe::can_read(reservation.address() + 4 * page));
    }));
}

TEST(MappingLimit, LeavesNoMemoryToAnEndedPart) {
    EXPECT_TRUE(child::passes([] {
        const std::size_t page = probe::page_size();
        ReadWrite pages(9 * page);
        std::ranges::fill(pages, sample);
        auto [front, rest] = std::move(pages).split_at(4 * page);
        auto [middle, last] = std::move(rest).split_at(page);
        std::uint8_t* const address = middle.data();
        const EveryMapping every;
        expect_errno_is_kept([&] { middle = std::move(last); });
        EXPECT_EQ(probe::resident_bytes(address, page), 0U);
        EXPECT_TRUE(all_are(front, sample));
        EXPECT_TRUE(all_are(middle, sample));
    }));
}

// Pitfall: map-over-splits
TEST(MappingLimit, DoesNotStopAnExistingVector) {
    EXPECT_TRUE(child::passes([] {
        PagedVec<std::uint64_t> vec;
        vec.push_back(0);
        const EveryMapping every;
        while (vec.size() < mebi) {
            vec.push_back(vec.size());
        }
        vec.resize(1);
        vec.shrink_to_fit();
        EXPECT_EQ(vec.capacity() * sizeof(std::uint64_t), probe::page_size());
        EXPECT_LE(probe::resident_bytes(vec.data(), 8 * mebi), probe::page_size());
        EXPECT_FALSE(probe::can_read(vec.data() + vec.capacity()));
        while (vec.size() < mebi) {
            vec.push_back(vec.size());
        }
        EXPECT_EQ(vec.back(), mebi - 1);
    }));
}

TEST(MappingLimit, LosesNoAddressSpaceWhenAVectorMoves) {
    EXPECT_TRUE(child::passes([] {
        PagedVec<std::uint64_t> vec = {1};
        const std::size_t old_end = vec.stable_capacity();
        vec.reserve_exact(old_end);
        EveryMapping every;
        every.give_back_two();
        every.give_back_two();
        const std::size_t before = probe::address_space_bytes();
        // Moving pages needs more mappings on Linux than making new ones to copy to.
        ASSERT_TRUE(vec.try_reserve_exact(old_end + 1));
        EXPECT_EQ(vec[0], 1U);
        const std::size_t more = (vec.stable_capacity() - old_end) * sizeof(std::uint64_t);
        EXPECT_LT(probe::address_space_bytes(), before + more + 16 * mebi);
    }));
}

}  // namespace
