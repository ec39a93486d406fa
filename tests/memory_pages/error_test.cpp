// SPDX-License-Identifier: MIT
#include "support/fails.hpp"

#include <memory_pages/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <system_error>
#include <utility>

namespace {

using namespace memory_pages;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::array every_page_error = {PageError::map_count_limit,     PageError::lock_limit,
                                         PageError::address_space_limit, PageError::commit_limit,
                                         PageError::huge_page_limit,     PageError::data_limit,
                                         PageError::permissions_lost};

TEST(PageError, EqualsNotEnoughMemoryOrPermissionsLost) {
    for (const PageError error : every_page_error) {
        const std::error_code code = error;
        const bool is_lost = error == PageError::permissions_lost;
        EXPECT_TRUE(code);
        EXPECT_EQ(code == std::errc::not_enough_memory, !is_lost);
        EXPECT_EQ(code == std::errc::state_not_recoverable, is_lost);
        EXPECT_NE(code, std::errc::invalid_argument);
        EXPECT_NE(code, std::errc::operation_not_permitted);
        EXPECT_EQ(&code.category(), &page_error_category());
    }
}

TEST(PageError, CodesDifferFromEachOther) {
    for (const PageError a : every_page_error) {
        for (const PageError b : every_page_error) {
            EXPECT_EQ(make_error_code(a) == make_error_code(b), a == b);
        }
        EXPECT_NE(make_error_code(a), std::make_error_code(std::errc::not_enough_memory));
    }
}

TEST(PageError, CategoryHasTheNameOfTheLibrary) {
    EXPECT_STREQ(page_error_category().name(), "memory_pages");
}

TEST(PageError, MessageNamesTheSettingToChange) {
    const auto message = [](PageError error) { return make_error_code(error).message(); };
    EXPECT_THAT(message(PageError::map_count_limit), HasSubstr("vm.max_map_count"));
    EXPECT_THAT(message(PageError::lock_limit), HasSubstr("RLIMIT_MEMLOCK"));
    EXPECT_THAT(message(PageError::address_space_limit),
                AllOf(HasSubstr("RLIMIT_AS"), Not(HasSubstr("RLIMIT_DATA"))));
    EXPECT_THAT(message(PageError::data_limit),
                AllOf(HasSubstr("RLIMIT_DATA"), Not(HasSubstr("RLIMIT_AS"))));
    EXPECT_THAT(message(PageError::commit_limit), HasSubstr("vm.overcommit_memory"));
    EXPECT_THAT(message(PageError::commit_limit), HasSubstr("page file"));
}

TEST(PageError, UnknownCodeHasAMessage) {
    EXPECT_FALSE(std::error_code(1234, page_error_category()).message().empty());
}

TEST(Raise, ThrowsTheGivenCode) {
    EXPECT_FAILS(raise(PageError::lock_limit, "call", 1), PageError::lock_limit);
    EXPECT_FAILS(raise(std::make_error_code(std::errc::invalid_argument), "call", 1),
                 std::errc::invalid_argument);
    EXPECT_BAD_ALLOC(raise_bad_alloc(PageError::commit_limit, "call", 1));
    EXPECT_LENGTH_ERROR(raise_length_error("call", 5, 3));
    EXPECT_OUT_OF_RANGE(raise_out_of_range("call", 5, 3));
}

TEST(Raise, NamesTheCallTheBytesAndTheSetting) {
    for (const PageError error : every_page_error) {
        const std::string reason = make_error_code(error).message();
        EXPECT_FAILS_SAYING(raise(error, "Pages::resize", 4096),
                            AllOf(HasSubstr("Pages::resize of 4096 bytes"), HasSubstr(reason)));
        EXPECT_FAILS_SAYING(raise_bad_alloc(error, "PagedVec::reserve", 4096),
                            AllOf(HasSubstr("PagedVec::reserve of 4096 bytes"), HasSubstr(reason)));
    }
    EXPECT_FAILS_SAYING(
        raise_bad_alloc(std::make_error_code(std::errc::not_enough_memory), "call", 7),
        HasSubstr("call of 7 bytes: not enough memory"));
}

TEST(Raise, NamesTheNumbers) {
    EXPECT_FAILS_SAYING(raise_length_error("PagedVec::reserve", 50, 30),
                        HasSubstr("PagedVec::reserve: 50 elements, at most 30"));
    EXPECT_FAILS_SAYING(raise_out_of_range("Pages::at", 50, 30),
                        HasSubstr("Pages::at: index 50 is outside 30"));
}

TEST(Raise, CutsLongTexts) {
    const std::string long_name(1000, 'n');
    EXPECT_FAILS_SAYING(raise_bad_alloc(PageError::commit_limit, long_name.c_str(), 1),
                        HasSubstr("nnn"));
}

TEST(Refused, HoldsTheErrorAndTheOwner) {
    Refused<std::string> refused{PageError::lock_limit, "pages"};
    EXPECT_EQ(refused.error, PageError::lock_limit);
    const std::string back = std::move(refused.pages);
    EXPECT_EQ(back, "pages");
}

}  // namespace
