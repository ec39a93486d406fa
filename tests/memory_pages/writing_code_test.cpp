// SPDX-License-Identifier: MIT
#include <memory_pages/feature.hpp>
#include <memory_pages/untyped.hpp>
#include <memory_pages/writing_code.hpp>

#include "support/machine_code.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <thread>
#include <type_traits>

namespace {

using namespace memory_pages;

static_assert(!std::is_copy_constructible_v<WritingCode> &&
              !std::is_move_constructible_v<WritingCode>);

/// Writable and executable pages of no owner, as a JIT has that tracks its code itself.
class OwnCode : public testing::Test {
protected:
    void SetUp() override {
        if (!is_supported(Feature::write_exec)) {
            GTEST_SKIP() << "no pages are writable and executable at once here";
        }
        base_ = *untyped::map(probe::page_size(), Access::read_write_exec);
    }
    void TearDown() override { EXPECT_TRUE(untyped::unmap(base_, probe::page_size())); }

    /// Sanitizers read the bytes before a function.
    [[nodiscard]] std::byte* function() const { return base_ + 64; }

    void write(std::uint32_t value) const {
        const auto code = machine_code::constant(value);
        const WritingCode writing;
        std::memcpy(function(), code.data(), code.size());
    }
    [[nodiscard]] std::uint32_t run() const {
        return reinterpret_cast<std::uint32_t (*)()>(function())();
    }

private:
    std::byte* base_ = nullptr;
};

TEST_F(OwnCode, RunsAfterItWasWrittenAndPublished) {
    write(7);
    ASSERT_TRUE(untyped::publish(function(), 64, Publish::not_yet_run));
    EXPECT_EQ(run(), 7U);
}

TEST_F(OwnCode, RunsInAnotherThreadThatHasNotRunIt) {
    write(8);
    ASSERT_TRUE(untyped::publish(function(), 64, Publish::not_yet_run));
    std::uint32_t result = 0;
    std::thread([&] { result = run(); }).join();
    EXPECT_EQ(result, 8U);
}

TEST_F(OwnCode, RunsAgainAfterItWasReplaced) {
    for (std::uint32_t value = 0; value < 100; ++value) {
        write(value);
        ASSERT_TRUE(untyped::publish(function(), 64));
        ASSERT_EQ(run(), value);
    }
}

TEST_F(OwnCode, IsWrittenWithinNestedScopes) {
    const auto code = machine_code::constant(9);
    {
        const WritingCode outer;
        {
            const WritingCode inner;
        }
        std::memcpy(function(), code.data(), code.size());
    }
    ASSERT_TRUE(untyped::publish(function(), 64, Publish::not_yet_run));
    EXPECT_EQ(run(), 9U);
}

}  // namespace
