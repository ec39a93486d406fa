// SPDX-License-Identifier: MIT
// What all owners have in common, and owners of a user: their pages have exactly the members that
// the owner supports.
#include <memory_pages/memory_pages.hpp>
#include <memory_pages/unsafe_write_exec.hpp>

#include "support/fails.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace memory_pages {
namespace {

constexpr std::size_t page = 4096;

/// The minimal owner: bytes that exist anyway.
class Static {
public:
    explicit Static(std::uint8_t* data) noexcept : data_(data) {}
    Static(Static&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
    Static& operator=(Static&& other) noexcept {
        data_ = std::exchange(other.data_, nullptr);
        return *this;
    }
    ~Static() = default;

    void swap(Static& other) noexcept { std::swap(data_, other.data_); }
    [[nodiscard]] std::uint8_t* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return data_ == nullptr ? 0 : page; }

private:
    std::uint8_t* data_;
};

/// The bytes of a vector, and a list of calls.
class Listing {
public:
    struct Options {
        std::uint8_t filled_with = 0;
    };
    static constexpr const char* name = "Listed";

    static Result<Listing> map(std::size_t bytes, Access, Options options) noexcept {
        if (bytes == 0) {
            return std::unexpected(std::make_error_code(std::errc::invalid_argument));
        }
        return Listing(std::vector<std::uint8_t>(bytes, options.filled_with));
    }
    Listing(Listing&&) noexcept = default;
    Listing& operator=(Listing&&) noexcept = default;
    ~Listing() = default;

    void swap(Listing& other) noexcept { std::swap(*this, other); }
    [[nodiscard]] std::uint8_t* data() const noexcept { return bytes_.data(); }
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }

    static bool is_enforced(Access) noexcept { return false; }
    Result<void> protect(Access, Access to) noexcept {
        return note("protect " + std::to_string(static_cast<unsigned>(to)));
    }

    Result<void> advise(Advice, std::size_t, std::size_t) const noexcept { return note("advise"); }
    Result<void> advise(Advice, std::span<const ByteRange>) const noexcept {
        return note("advise many");
    }
    Result<void> populate(std::size_t, std::size_t, Access) const noexcept {
        return note("populate");
    }
    Result<void> collapse(std::size_t, std::size_t) const noexcept { return note("collapse"); }

    Result<void> decommit(std::size_t offset, std::size_t bytes) noexcept {
        return note("decommit " + std::to_string(offset) + " " + std::to_string(bytes));
    }
    Result<void> decommit(std::span<const ByteRange>) noexcept { return note("decommit many"); }
    Result<void> discard(std::size_t, std::size_t) noexcept { return note("discard"); }
    Result<void> discard(std::span<const ByteRange>) noexcept { return note("discard many"); }
    Result<void> zero(std::size_t, std::size_t) noexcept { return note("zero"); }
    Result<void> publish(std::size_t, std::size_t, Publish) noexcept { return note("publish"); }

    Result<Listing> split(std::size_t offset) noexcept {
        Listing behind(
            std::vector(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), bytes_.end()));
        bytes_.resize(offset);
        return behind;
    }
    Result<void> join(Listing& behind) noexcept {
        bytes_.insert(bytes_.end(), behind.bytes_.begin(), behind.bytes_.end());
        behind.bytes_.clear();
        return note("join");
    }

    [[nodiscard]] const std::vector<std::string>& asked() const noexcept { return asked_; }

private:
    explicit Listing(std::vector<std::uint8_t> bytes) noexcept : bytes_(std::move(bytes)) {}

    Result<void> note(std::string verb) const {
        asked_.push_back(std::move(verb));
        return {};
    }

    mutable std::vector<std::uint8_t> bytes_;
    mutable std::vector<std::string> asked_;
};

}  // namespace

/// Members that only pages of this owner have.
template <ReadPermission R, WritePermission W, ExecPermission E>
class rooms::OwnVerbs<Listing, R, W, E> {
public:
    [[nodiscard]] const std::vector<std::string>& asked() const noexcept {
        return detail::OwnerOf::get(static_cast<const BasicPages<Listing, R, W, E>&>(*this))
            .asked();
    }
};

namespace {

template <class R, class W, class E>
using StaticPages = BasicPages<Static, R, W, E>;
template <class R, class W, class E>
using Listed = BasicPages<Listing, R, W, E>;

using ReadWrite = Listed<AllowRead, AllowWrite, DenyExec>;
using Strings = std::vector<std::string>;

// -- the library's own ----------------------------------------------------------------------------

// Pages are as large as their owner: their base classes add nothing.
template <template <class, class, class> class P, std::size_t words>
concept HasWords = sizeof(P<AllowRead, AllowWrite, DenyExec>) == words * sizeof(void*) &&
                   sizeof(P<DenyRead, DenyWrite, DenyExec>) == words * sizeof(void*) &&
                   sizeof(P<AllowRead, AllowWrite, AllowExec>) == words * sizeof(void*);
static_assert(HasWords<Pages, 2> && HasWords<PooledPages, 3> && HasWords<PageRange, 3> &&
              HasWords<GuardedPages, 5>);

template <class P>
concept TellsItsAddress = requires(const P& pages) {
    { pages.address() } noexcept -> std::same_as<std::uint8_t*>;
    { pages.size() } noexcept -> std::same_as<std::size_t>;
};
template <template <class, class, class> class P>
concept AllTellTheirAddress = TellsItsAddress<P<AllowRead, AllowWrite, DenyExec>> &&
                              TellsItsAddress<P<AllowRead, DenyWrite, DenyExec>> &&
                              TellsItsAddress<P<DenyRead, AllowWrite, DenyExec>> &&
                              TellsItsAddress<P<DenyRead, DenyWrite, DenyExec>> &&
                              TellsItsAddress<P<DenyRead, DenyWrite, AllowExec>>;
static_assert(AllTellTheirAddress<Pages> && AllTellTheirAddress<PooledPages> &&
              AllTellTheirAddress<PageRange> && AllTellTheirAddress<GuardedPages>);
static_assert(TellsItsAddress<Reservation> && TellsItsAddress<PagedVec<double>>);

TEST(Address, IsTheFirstByteForAllPermissions) {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
    std::uint8_t* const first = pages.data();
    EXPECT_EQ(pages.address(), first);
    const auto closed = std::move(pages).deny_read().deny_write();
    EXPECT_EQ(closed.address(), first);
}

TEST(Address, IsTheFirstElementOfAVector) {
    const PagedVec<double> none;
    EXPECT_EQ(none.address(), nullptr);
    const PagedVec<double> one(1);
    EXPECT_EQ(static_cast<const void*>(one.address()), one.data());
}

// -- owners of a user -----------------------------------------------------------------------------

template <class P>
concept Maps = std::constructible_from<P, std::size_t>;
template <class P>
concept Protects = requires(P pages) { std::move(pages).deny_write(); };
template <class P>
concept TakesHints = requires(const P& pages) { pages.advise(Advice::random); };
template <class P>
concept GivesBack = requires(P& pages) { pages.decommit(); };
template <class P>
concept Publishes = requires(P& pages) { pages.publish(); };
template <class P>
concept Splits = requires(P pages) { std::move(pages).split_at(1); };
template <class P>
concept Resizes = requires(P& pages) { pages.resize(1); };
template <class P>
concept Guards = requires(P& pages) { pages.guard(0, 1); };

template <class P>
concept DoesNothing = !Maps<P> && !Protects<P> && !TakesHints<P> && !GivesBack<P> &&
                      !Publishes<P> && !Splits<P> && !Resizes<P> && !Guards<P>;
static_assert(sizeof(StaticPages<AllowRead, AllowWrite, DenyExec>) == sizeof(Static));
static_assert(sizeof(ReadWrite) == sizeof(Listing));
static_assert(DoesNothing<StaticPages<AllowRead, AllowWrite, DenyExec>>);
static_assert(DoesNothing<StaticPages<AllowRead, AllowWrite, AllowExec>>);

template <class P>
concept DoesAllButTheOthersOwn =
    Maps<P> && Protects<P> && TakesHints<P> && Splits<P> && !Resizes<P> && !Guards<P>;
static_assert(DoesAllButTheOthersOwn<ReadWrite> && GivesBack<ReadWrite>);
static_assert(Publishes<Listed<AllowRead, AllowWrite, AllowExec>> && !Publishes<ReadWrite>);
static_assert(!GivesBack<Listed<AllowRead, DenyWrite, DenyExec>>, "these are not writable");

TEST(CustomOwner, NeedsOnlyBytesToShowThem) {
    alignas(page) static std::array<std::uint8_t, page> bytes;
    auto pages =
        detail::OwnerOf::make<StaticPages<AllowRead, AllowWrite, DenyExec>>(Static(bytes.data()));
    pages[1] = 2;
    pages.write([](auto lent) { lent[2] = 3; });
    EXPECT_EQ(pages.address(), bytes.data());
    EXPECT_EQ(pages.bytes().size(), page);
    EXPECT_EQ(bytes[1] + bytes[2], 5);
    const auto moved = std::move(pages);
    EXPECT_EQ(moved.at(1), 2);
}

TEST(CustomOwner, HasTheVerbsItsOwnerSupports) {
    ReadWrite pages(page);
    pages.decommit(0, ReadWrite::to_end);
    pages.decommit(std::span<const ByteRange>());
    pages.discard();
    pages.zero();
    pages.advise_use_soon();
    pages.populate();
    pages.collapse();
    EXPECT_EQ(pages.asked(), (Strings{"decommit 0 4096", "decommit many", "discard", "zero",
                                      "advise", "populate", "collapse"}));
}

TEST(CustomOwner, ChangesItsPermissions) {
    ReadWrite pages(page);
    auto frozen = std::move(pages).deny_write();
    EXPECT_EQ(pages.size(), 0U);
    auto patchable = std::move(frozen).allow_exec().allow_write();
    patchable.publish();
    EXPECT_EQ(patchable.asked(), (Strings{"protect 1", "protect 5", "protect 7", "publish"}));
    EXPECT_FALSE(decltype(patchable)::is_enforced());
}

TEST(CustomOwner, SplitsAndJoins) {
    ReadWrite pages(2 * page, {.filled_with = 7});
    auto [front, back] = std::move(pages).split_at(page);
    EXPECT_EQ(front.size(), page);
    EXPECT_EQ(back[page - 1], 7);
    const auto whole = std::move(front).join(std::move(back));
    EXPECT_EQ(whole.size(), 2 * page);
}

TEST(CustomOwner, TakesItsOwnOptions) {
    const ReadWrite pages(1, {.filled_with = 9});
    EXPECT_EQ(pages[0], 9);
    EXPECT_EQ(ReadWrite::try_new(0).error(), std::errc::invalid_argument);
    EXPECT_FAILS_SAYING(ReadWrite(0), testing::HasSubstr("Listed(0 bytes): the size is 0"));
}

}  // namespace
}  // namespace memory_pages
