// SPDX-License-Identifier: MIT
#include <memory_pages/untyped.hpp>

#include <memory_pages/exec.hpp>
#include <memory_pages/feature.hpp>
#include <memory_pages/page_size.hpp>
#include <memory_pages/pages.hpp>
#include <memory_pages/query.hpp>
#include <memory_pages/reservation.hpp>

#include "support/enumerators.hpp"
#include "support/file_view.hpp"
#include "support/machine_code.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <utility>

namespace {

using namespace memory_pages;
using file_view::Sharing;

std::size_t page() { return probe::page_size(); }

template <class T>
std::error_code error_of(const Result<T>& result) {
    return result ? std::error_code() : result.error();
}

bool all_are(const std::byte* base, std::size_t bytes, int value) {
    return bytes == 0 ||
           (std::to_integer<int>(*base) == value && std::memcmp(base, base + 1, bytes - 1) == 0);
}

// -- any memory of the process --------------------------------------------------------------------

constexpr std::size_t largest_page = 65536;
constexpr std::size_t count = 20;  // More than `zero` only clears.
constexpr int initial = 5;

// With room to start at a page: Windows aligns objects to at most 8 KiB.
using Array = std::array<std::byte, (count + 1) * largest_page>;
Array zeros_at_start;
Array data_at_start = {std::byte{1}};

std::byte* first_page_of(Array& array) {
    const auto address = reinterpret_cast<std::uintptr_t>(array.data());
    return array.data() + (-address & (page() - 1));
}

enum class Kind { mapped, zeroed_array, filled_array, shared_view, private_view };

/// `count` readable and writable pages filled with `initial`.
class Memory {
public:
    explicit Memory(Kind kind) : kind_(kind) {
        switch (kind) {
            case Kind::mapped:
                base_ = untyped::map(bytes(), Access::read_write).value_or(nullptr);
                break;
            case Kind::zeroed_array:
                base_ = first_page_of(zeros_at_start);
                break;
            case Kind::filled_array:
                base_ = first_page_of(data_at_start);
                break;
            case Kind::shared_view:
            case Kind::private_view:
                view_ = std::make_unique<file_view::View>(
                    bytes(), std::byte{initial},
                    kind == Kind::shared_view ? Sharing::shared : Sharing::copy_on_write);
                base_ = view_->data();
                break;
        }
        if (base_ != nullptr) {
            std::memset(base_, initial, bytes());
        }
    }
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    ~Memory() {
        if (kind_ == Kind::mapped && base_ != nullptr) {
            EXPECT_TRUE(untyped::unmap(base_, bytes()));
        }
    }

    [[nodiscard]] std::byte* base() const { return base_; }
    static std::size_t bytes() { return count * page(); }

    /// Whether a part of the file has this value; true without a file.
    [[nodiscard]] bool is_file(std::size_t offset, std::size_t size, int value) const {
        return view_ == nullptr || all_are(view_->file().data() + offset, size, value);
    }
    [[nodiscard]] bool has_file() const { return view_ != nullptr; }

private:
    Kind kind_;
    std::byte* base_ = nullptr;
    std::unique_ptr<file_view::View> view_;
};

class AnyMemory : public testing::TestWithParam<Kind> {
protected:
    void SetUp() override { ASSERT_NE(memory_.base(), nullptr); }

    [[nodiscard]] std::byte* base() const { return memory_.base(); }
    [[nodiscard]] std::byte* middle() const { return base() + page(); }
    static std::size_t middle_bytes() { return (count - 2) * page(); }

    void expect_neighbours_unchanged() const {
        EXPECT_TRUE(all_are(base(), page(), initial));
        EXPECT_TRUE(all_are(middle() + middle_bytes(), page(), initial));
    }

    Memory memory_{GetParam()};
};

TEST_P(AnyMemory, StaysUsableWhenDecommittedOrDiscarded) {
    for (const auto verb : {untyped::decommit, untyped::discard}) {
        ASSERT_FALSE(error_of(verb(middle(), middle_bytes())));
        expect_neighbours_unchanged();
        std::memset(middle(), 6, middle_bytes());
        EXPECT_TRUE(all_are(middle(), middle_bytes(), 6));
    }
    // A view is still a view of its file.
    EXPECT_TRUE(
        memory_.is_file(page(), middle_bytes(), GetParam() == Kind::shared_view ? 6 : initial));
}

// Pitfall: private-file-bytes-return
TEST_P(AnyMemory, ReadsZeroWhenZeroed) {
    for (const std::size_t pages : {std::size_t{1}, std::size_t{3}, count - 2}) {
        std::memset(middle(), initial, middle_bytes());
        ASSERT_FALSE(error_of(untyped::zero(middle(), pages * page())));
        EXPECT_TRUE(all_are(middle(), pages * page(), 0));
        EXPECT_TRUE(all_are(middle() + pages * page(), middle_bytes() - pages * page(), initial));
        expect_neighbours_unchanged();
        EXPECT_TRUE(
            memory_.is_file(page(), pages * page(), GetParam() == Kind::shared_view ? 0 : initial));
    }
}

TEST_P(AnyMemory, ChangesPermissionsAndKeepsBytes) {
    if (!probe::permissions_are_told()) {
        GTEST_SKIP() << "an emulator keeps the permissions, and denies less";
    }
    ASSERT_FALSE(error_of(untyped::protect(middle(), page(), Access::read)));
    EXPECT_FALSE(probe::can_write(middle()));
    EXPECT_TRUE(all_are(middle(), page(), initial));
    ASSERT_FALSE(error_of(untyped::protect(middle(), page(), Access::none)));
    EXPECT_FALSE(probe::can_read(middle()));
    EXPECT_TRUE(probe::can_write(middle() + page()));
    ASSERT_FALSE(error_of(untyped::protect(middle(), page(), Access::read_write)));
    EXPECT_TRUE(all_are(middle(), page(), initial));
    std::memset(middle(), 6, page());
    EXPECT_TRUE(memory_.is_file(page(), page(), GetParam() == Kind::shared_view ? 6 : initial));
}

TEST_P(AnyMemory, KeepsBytesWhenPopulatedAndAdvised) {
    ASSERT_FALSE(error_of(untyped::populate(middle(), middle_bytes())));
    ASSERT_FALSE(error_of(untyped::populate(middle(), middle_bytes(), Access::read)));
    for (const Advice advice : enumerators::every<Advice>) {
        EXPECT_FALSE(error_of(untyped::advise(middle(), middle_bytes(), advice)));
    }
    EXPECT_FALSE(error_of(untyped::set_huge_pages(middle(), middle_bytes(), HugePages::never)));
    EXPECT_FALSE(error_of(untyped::set_huge_pages(middle(), middle_bytes(), HugePages::prefer)));
    EXPECT_TRUE(all_are(base(), Memory::bytes(), initial));
}

std::string name_of_kind(const testing::TestParamInfo<Kind>& each) {
    constexpr std::array names = {"Mapped", "ZeroedArray", "FilledArray", "SharedView",
                                  "PrivateView"};
    return names[static_cast<std::size_t>(each.param)];
}

INSTANTIATE_TEST_SUITE_P(Of, AnyMemory,
                         testing::Values(Kind::mapped, Kind::zeroed_array, Kind::filled_array,
                                         Kind::shared_view, Kind::private_view),
                         name_of_kind);

TEST(UntypedDecommit, ReturnsMemoryOfPrivatePages) {
    for (const Kind kind : {Kind::mapped, Kind::zeroed_array, Kind::filled_array}) {
        const Memory memory(kind);
        EXPECT_TRUE(kind != Kind::mapped || query(memory.base()).kind == RegionKind::anonymous);
        ASSERT_EQ(probe::resident_bytes(memory.base(), Memory::bytes()), Memory::bytes());
        ASSERT_TRUE(untyped::decommit(memory.base(), Memory::bytes()));
        // The pages of a file are resident for all.
        if (query(memory.base()).kind == RegionKind::anonymous) {
            EXPECT_EQ(probe::resident_bytes(memory.base(), Memory::bytes()), 0U);
        }
    }
}

TEST(UntypedZero, ReturnsMemoryOfManyPrivatePages) {
    if (!probe::advice_acts()) {
        GTEST_SKIP() << "an emulator takes all advice, and does nothing";
    }
    const Memory memory(Kind::mapped);
    ASSERT_TRUE(untyped::zero(memory.base(), Memory::bytes()));
    EXPECT_EQ(probe::resident_bytes(memory.base(), Memory::bytes()), 0U);
}

// -- mapping --------------------------------------------------------------------------------------

TEST(UntypedMap, GivesPagesThatUnmapTakesBack) {
    std::byte* const base = *untyped::map(3 * page(), Access::read_write);
    EXPECT_TRUE(all_are(base, 3 * page(), 0));
    std::memset(base, 7, 3 * page());
    ASSERT_TRUE(untyped::unmap(base, 3 * page()));
    EXPECT_FALSE(probe::holds(base, 7));
    EXPECT_FALSE(probe::holds(base + 3 * page() - 1, 7));
}

TEST(UntypedMap, TakesTheOptionsOfPages) {
    constexpr std::size_t alignment = std::size_t{1} << 22;
    std::byte* const base =
        *untyped::map(2 * page(), Access::read_write, {.alignment = alignment, .populate = true});
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(base) % alignment, 0U);
    EXPECT_EQ(probe::resident_bytes(base, 2 * page()), 2 * page());
    EXPECT_TRUE(untyped::unmap(base, 2 * page()));
    if (const std::size_t huge = huge_page_size(); huge != 0) {
        std::byte* const large =
            *untyped::map(huge, Access::read_write, {.huge_pages = HugePages::prefer});
        EXPECT_TRUE(untyped::unmap(large, huge));
    }
}

TEST(UntypedMap, GivesPagesToAnOwnerAndTakesThemBack) {
    std::byte* const base = *untyped::map(2 * page(), Access::read_write);
    base[0] = std::byte{7};
    auto pages = Pages<AllowRead, AllowWrite, DenyExec>::adopt_unchecked(
        reinterpret_cast<std::uint8_t*>(base), 2 * page());
    EXPECT_EQ(pages[0], 7);
    const auto raw = std::move(pages).release();
    EXPECT_TRUE(untyped::unmap(raw.address(), raw.size()));
    EXPECT_FALSE(probe::holds(base, 7));
}

// Pitfall: windows-allocation-bounds
TEST(UntypedUnmap, TakesAPartOrChangesNothing) {
    std::byte* const base = *untyped::map(3 * page(), Access::read_write);
    std::memset(base, 7, 3 * page());
    const std::error_code refused = error_of(untyped::unmap(base + page(), page()));
    EXPECT_TRUE(all_are(base, page(), 7));
    EXPECT_TRUE(all_are(base + 2 * page(), page(), 7));
    if (refused) {
        EXPECT_EQ(refused, std::errc::operation_not_supported);
        EXPECT_TRUE(all_are(base + page(), page(), 7));
        EXPECT_TRUE(untyped::unmap(base, 3 * page()));
    } else {
        EXPECT_FALSE(probe::holds(base + page(), 7));
        EXPECT_TRUE(untyped::unmap(base, page()));
        EXPECT_TRUE(untyped::unmap(base + 2 * page(), page()));
    }
    EXPECT_FALSE(probe::holds(base, 7));
}

TEST(UntypedUnmap, TakesViewsOfFiles) {
    for (const Sharing sharing : {Sharing::shared, Sharing::copy_on_write}) {
        file_view::View view(count * page(), std::byte{7}, sharing);
        std::byte* const base = view.data();
        ASSERT_NE(base, nullptr);
        ASSERT_TRUE(untyped::unmap(base, count * page()));
        view.forget();
        EXPECT_FALSE(probe::holds(base, 7));
    }
}

TEST(UntypedResize, KeepsBytesOrChangesNothing) {
    for (const untyped::Move move : enumerators::every<untyped::Move>) {
        for (const std::size_t pages : {std::size_t{1}, std::size_t{3}, std::size_t{40}}) {
            std::byte* base = *untyped::map(3 * page(), Access::read_write);
            std::memset(base, 7, 3 * page());
            std::size_t size = 3 * page();
            if (const auto moved = untyped::resize(base, size, pages * page(), move)) {
                EXPECT_TRUE(move == untyped::Move::allowed || *moved == base);
                base = *moved;
                size = pages * page();
            } else {
                EXPECT_NE(pages, 3U);
                EXPECT_TRUE(moved.error() == std::errc::operation_not_supported ||
                            moved.error() == std::errc::not_enough_memory)
                    << moved.error();
                EXPECT_FALSE(is_supported(Feature::moving_pages) && move == untyped::Move::allowed);
            }
            EXPECT_TRUE(all_are(base, std::min(size, 3 * page()), 7));
            if (size > 3 * page()) {
                EXPECT_TRUE(all_are(base + 3 * page(), size - 3 * page(), 0));
            }
            EXPECT_TRUE(untyped::unmap(base, size));
        }
    }
}

TEST(UntypedResize, GrowsNoPagesOfTwoMappings) {
    std::byte* const base = *untyped::map(2 * page(), Access::read_write);
    std::memset(base, 7, 2 * page());
    ASSERT_TRUE(untyped::protect(base, page(), Access::read));
    for (const untyped::Move move : enumerators::every<untyped::Move>) {
        EXPECT_EQ(error_of(untyped::resize(base, 2 * page(), 3 * page(), move)),
                  std::errc::operation_not_supported);
    }
    EXPECT_TRUE(all_are(base, 2 * page(), 7));
    EXPECT_TRUE(untyped::unmap(base, 2 * page()));
}

// -- reservations ---------------------------------------------------------------------------------

TEST(UntypedReserve, FaultsUntilCommittedAndAgainWhenUncommitted) {
    const std::size_t bytes = 64 * page();
    std::byte* const base = *untyped::reserve(bytes);
    EXPECT_FALSE(probe::can_read(base));
    ASSERT_TRUE(untyped::commit(base, 8 * page(), Access::read_write));
    EXPECT_TRUE(all_are(base, 8 * page(), 0));
    std::memset(base, 7, 8 * page());
    EXPECT_FALSE(probe::can_read(base + 8 * page()));
    // Over what is partly committed.
    ASSERT_TRUE(untyped::commit(base + 4 * page(), 8 * page(), Access::read_write));
    EXPECT_TRUE(all_are(base, 8 * page(), 7));
    EXPECT_TRUE(all_are(base + 8 * page(), 4 * page(), 0));
    // Committed or not.
    ASSERT_TRUE(untyped::uncommit(base + 4 * page(), 32 * page()));
    EXPECT_FALSE(probe::can_read(base + 4 * page()));
    EXPECT_TRUE(all_are(base, 4 * page(), 7));
    ASSERT_TRUE(untyped::commit(base + 4 * page(), page(), Access::read));
    EXPECT_TRUE(all_are(base + 4 * page(), page(), 0));
    EXPECT_FALSE(probe::can_write(base + 4 * page()));
    ASSERT_TRUE(untyped::unreserve(base, bytes));
    EXPECT_FALSE(probe::holds(base, 7));
}

TEST(UntypedReserve, PublishesCodeThatIsCommittedAgain) {
    std::byte* const base = *untyped::reserve(2 * page());
    ASSERT_TRUE(untyped::commit(base, page(), Access::read_write));
    std::ranges::copy(machine_code::add(), reinterpret_cast<std::uint8_t*>(base));
    ASSERT_TRUE(untyped::commit(base, 2 * page(), Access::read_exec));
    auto* const add = reinterpret_cast<std::uint64_t (*)(std::uint64_t, std::uint64_t)>(base);
    EXPECT_EQ((FnRef<std::uint64_t(std::uint64_t, std::uint64_t)>(add, nullptr)(43, 34)), 77U);
    EXPECT_TRUE(untyped::unreserve(base, 2 * page()));
}

TEST(UntypedReserve, TakesPlaces) {
    constexpr std::size_t alignment = std::size_t{1} << 26;
    const std::size_t bytes = 4 * largest_page;
    std::byte* const base = *untyped::reserve(bytes, {.alignment = alignment});
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(base) % alignment, 0U);
    EXPECT_EQ(error_of(untyped::reserve(bytes, {.at = base})), std::errc::address_in_use);
    std::byte* const near = *untyped::reserve(bytes, {.near_to = base});
    EXPECT_NE(near, base);
    EXPECT_TRUE(untyped::unreserve(near, bytes));
    EXPECT_TRUE(untyped::unreserve(base, bytes));
}

// -- what is refused ------------------------------------------------------------------------------

TEST(UntypedVerbs, RefuseWhatIsNotWholePages) {
    std::byte* const base = *untyped::map(2 * page(), Access::read_write);
    const std::size_t wrapping = (~std::size_t{0} & ~(page() - 1)) - page();
    const std::array<std::pair<std::byte*, std::size_t>, 4> wrong = {
        {{base + 1, page()}, {base, page() + 1}, {nullptr, page()}, {base, wrapping}}};
    using untyped::Move;
    for (const auto& [address, bytes] : wrong) {
        for (const auto& refused : {
                 untyped::unmap(address, bytes),
                 untyped::unreserve(address, bytes),
                 untyped::commit(address, bytes, Access::read),
                 untyped::uncommit(address, bytes),
                 untyped::protect(address, bytes, Access::read),
                 untyped::decommit(address, bytes),
                 untyped::discard(address, bytes),
                 untyped::zero(address, bytes),
                 untyped::populate(address, bytes),
                 untyped::advise(address, bytes, Advice::random),
                 untyped::set_huge_pages(address, bytes, HugePages::never),
                 untyped::collapse(address, bytes),
             }) {
            EXPECT_EQ(error_of(refused), std::errc::invalid_argument);
        }
        EXPECT_EQ(error_of(untyped::resize(address, bytes, page())), std::errc::invalid_argument);
    }
    EXPECT_EQ(error_of(untyped::publish(nullptr, 1)), std::errc::invalid_argument);
    EXPECT_EQ(error_of(untyped::publish(base, ~std::size_t{0})), std::errc::invalid_argument);
    EXPECT_EQ(error_of(untyped::resize(base, 2 * page(), 0)), std::errc::invalid_argument);
    EXPECT_EQ(error_of(untyped::resize(base, 0, page())), std::errc::invalid_argument);
    for (const std::size_t bytes : {std::size_t{0}, page() + 1}) {
        EXPECT_EQ(error_of(untyped::map(bytes, Access::read)), std::errc::invalid_argument);
        EXPECT_EQ(error_of(untyped::reserve(bytes)), std::errc::invalid_argument);
    }
    EXPECT_TRUE(all_are(base, 2 * page(), 0));
    EXPECT_TRUE(untyped::unmap(base, 2 * page()));
}

TEST(UntypedVerbs, RefuseValuesThatDoNotExist) {
    std::byte* const base = *untyped::map(page(), Access::read_write);
    constexpr auto unknown = static_cast<Access>(8);
    EXPECT_EQ(error_of(untyped::map(page(), unknown)), std::errc::invalid_argument);
    EXPECT_EQ(error_of(untyped::protect(base, page(), unknown)), std::errc::invalid_argument);
    EXPECT_EQ(error_of(untyped::commit(base, page(), unknown)), std::errc::invalid_argument);
    EXPECT_EQ(error_of(untyped::populate(base, page(), Access::none)), std::errc::invalid_argument);
    for (const HugePages policy : {HugePages::system, HugePages::require}) {
        EXPECT_EQ(error_of(untyped::set_huge_pages(base, page(), policy)),
                  std::errc::invalid_argument);
    }
    EXPECT_TRUE(untyped::unmap(base, page()));
}

TEST(UntypedVerbs, DoNothingForZeroBytes) {
    std::byte* const base = *untyped::map(page(), Access::read_write);
    base[0] = std::byte{7};
    EXPECT_TRUE(untyped::unmap(base, 0));
    EXPECT_TRUE(untyped::uncommit(base, 0));
    EXPECT_TRUE(untyped::protect(base, 0, Access::none));
    EXPECT_TRUE(untyped::decommit(base, 0));
    EXPECT_TRUE(untyped::zero(base, 0));
    EXPECT_TRUE(untyped::publish(base, 0));
    EXPECT_EQ(base[0], std::byte{7});
    EXPECT_TRUE(untyped::unmap(base, page()));
}

}  // namespace
