// SPDX-License-Identifier: MIT
// Two copies of the library in one process: of the program, and of a plugin.
#include <memory_pages/pages.hpp>

#include "copies/second_copy.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <dlfcn.h>

#include <cstddef>
#include <cstdint>
#include <system_error>
#include <utility>

namespace memory_pages {
namespace {

using second_copy::ReadWrite;

second_copy::Verbs load() {
    void* const plugin = ::dlopen(SECOND_COPY, RTLD_NOW | RTLD_LOCAL);
    if (plugin == nullptr) {
        ADD_FAILURE() << ::dlerror();
        std::abort();
    }
    return reinterpret_cast<second_copy::Verbs (*)()>(::dlsym(plugin, "second_copy_verbs"))();
}

class TwoCopies : public testing::Test {
protected:
    void SetUp() override { ASSERT_NE(plugin.category, &page_error_category()); }

    const second_copy::Verbs plugin = load();
    const std::size_t page = probe::page_size();
};

TEST_F(TwoCopies, UnmapPagesOfEachOther) {
    ReadWrite pages(page);
    pages[0] = 7;
    const std::uint8_t* const address = pages.data();
    plugin.end(std::move(pages));
    EXPECT_FALSE(probe::holds(address, 7));
}

TEST_F(TwoCopies, UnmapPartsOfEachOther) {
    auto [front, behind] = ReadWrite(2 * page).split_at(page);
    const std::uint8_t* const address = behind.data();
    front[0] = 5;
    behind[0] = 7;
    plugin.end(std::move(behind));
    EXPECT_FALSE(probe::holds(address, 7));
    EXPECT_EQ(front[0], 5);
}

TEST_F(TwoCopies, JoinPartsOfEachOther) {
    auto [front, behind] = ReadWrite(2 * page).split_at(page);
    behind[0] = 5;
    ReadWrite whole = plugin.join(std::move(front), std::move(behind));
    whole.resize(4 * page);
    EXPECT_EQ(whole[page], 5);
}

TEST_F(TwoCopies, RecognizeErrorsOfEachOther) {
    const std::error_code error = plugin.error(PageError::commit_limit);
    EXPECT_TRUE(error == PageError::commit_limit);
    EXPECT_TRUE(PageError::commit_limit == error);
    EXPECT_FALSE(error != PageError::commit_limit);
    EXPECT_FALSE(error == PageError::lock_limit);
    EXPECT_TRUE(error == std::errc::not_enough_memory);
    const std::error_code ours = PageError::commit_limit;
    EXPECT_TRUE(error == ours.default_error_condition());
    EXPECT_TRUE(ours == error.default_error_condition());
    const std::error_code other = PageError::lock_limit;
    EXPECT_FALSE(error == other.default_error_condition());
}

}  // namespace
}  // namespace memory_pages
