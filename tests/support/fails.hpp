// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Expectations of failures, with and without exceptions: with exceptions the right one is thrown;
/// without them the process prints the text of the exception and aborts.
///
/// The first argument is an expression of any type; its value is ignored.

#include "support/process.hpp"

#include <memory_pages/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

namespace fails {

/// The library's text for this code.
inline testing::Matcher<const std::string&> message_of(memory_pages::PageError error) {
    return testing::HasSubstr(make_error_code(error).message());
}
inline testing::Matcher<const std::string&> message_of(std::errc error) {
    using memory_pages::PageError;
    testing::Matcher<const std::string&> plain =
        testing::HasSubstr(std::make_error_code(error).message());
    if (error != std::errc::not_enough_memory) {
        return plain;
    }
    return testing::AnyOf(plain, message_of(PageError::map_count_limit),
                          message_of(PageError::lock_limit),
                          message_of(PageError::address_space_limit),
                          message_of(PageError::commit_limit), message_of(PageError::data_limit));
}

#if defined(__cpp_exceptions)

/// Whether `act` fails. Without exceptions it ends a child process, and does not run in this one.
template <class Act>
bool is_refused(Act act) {
    try {
        act();
        return false;
    } catch (const std::exception&) {
        return true;
    }
}

/// The exception of `act`.
template <class Act>
std::string text_of(Act act) {
    try {
        act();
    } catch (const std::exception& thrown) {
        return thrown.what();
    }
    return "nothing was thrown";
}

/// Whether `act` throws `std::system_error` with a code equal to `wanted`.
template <class Act, class Code>
testing::AssertionResult throws_code(Act act, Code wanted) {
    try {
        act();
    } catch (const std::system_error& thrown) {
        if (thrown.code() == wanted) {
            return testing::AssertionSuccess();
        }
        return testing::AssertionFailure() << "another code: " << thrown.what();
    }
    return testing::AssertionFailure() << "nothing was thrown";
}

#else

template <class Act>
bool is_refused(Act act) {
    if (!process::run_apart(act).succeeded()) {
        return true;
    }
    act();
    return false;
}

#endif

}  // namespace fails

#if defined(__cpp_exceptions)

/// Expects `std::system_error` with this `std::errc` or `PageError`.
#define EXPECT_FAILS(expression, wanted) \
    EXPECT_TRUE(fails::throws_code([&] { static_cast<void>(expression); }, wanted))
/// Expects a failure with a matching text.
#define EXPECT_FAILS_SAYING(expression, matcher) \
    EXPECT_THAT(fails::text_of([&] { static_cast<void>(expression); }), matcher)
#define EXPECT_BAD_ALLOC(expression) EXPECT_THROW(static_cast<void>(expression), std::bad_alloc)
#define EXPECT_LENGTH_ERROR(expression) \
    EXPECT_THROW(static_cast<void>(expression), std::length_error)
#define EXPECT_OUT_OF_RANGE(expression) \
    EXPECT_THROW(static_cast<void>(expression), std::out_of_range)

#else

#define EXPECT_FAILS(expression, wanted) \
    EXPECT_DEATH(static_cast<void>(expression), fails::message_of(wanted))
#define EXPECT_FAILS_SAYING(expression, matcher) \
    EXPECT_DEATH(static_cast<void>(expression), matcher)
#define EXPECT_BAD_ALLOC(expression) \
    EXPECT_DEATH(static_cast<void>(expression), testing::ContainsRegex(" of [0-9]+ bytes: "))
#define EXPECT_LENGTH_ERROR(expression) \
    EXPECT_DEATH(static_cast<void>(expression), testing::HasSubstr(" elements, at most "))
#define EXPECT_OUT_OF_RANGE(expression)         \
    EXPECT_DEATH(static_cast<void>(expression), \
                 testing::ContainsRegex("index [0-9]+ is outside [0-9]+ elements"))

#endif
