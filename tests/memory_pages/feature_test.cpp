// SPDX-License-Identifier: MIT
// Each supported feature works, and each unsupported one fails as documented.
#include <memory_pages/exec.hpp>
#include <memory_pages/feature.hpp>
#include <memory_pages/paged_vec.hpp>
#include <memory_pages/pages.hpp>
#include <memory_pages/unsafe_write_exec.hpp>

#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <system_error>
#include <utility>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using Patchable = Pages<AllowRead, AllowWrite, AllowExec>;

std::size_t page() { return probe::page_size(); }

TEST(Features, SayWhetherPagesAreCharged) {
    const ReadWrite pages(page());
    EXPECT_EQ(probe::is_charged(pages.data()), is_supported(Feature::commit_charge));
}

TEST(Features, SayWhetherUnchargedPagesExist) {
    const ReadWrite pages(page(), {.uncharged = true});
    EXPECT_EQ(probe::is_charged(pages.data()),
              is_supported(Feature::commit_charge) && !is_supported(Feature::uncharged_pages));
}

TEST(Features, SayWhetherWriteExecPagesCanBeMapped) {
    const Result<Patchable> pages = Patchable::try_new(page());
    EXPECT_EQ(pages.has_value(), is_supported(Feature::write_exec));
    if (!pages) {
        EXPECT_EQ(pages.error(), std::errc::permission_denied);
    }
}

TEST(Features, SayWhetherPagesCanBecomeWriteExec) {
    ReadWrite pages(page());
    pages[0] = 5;
    auto changed = std::move(pages).try_allow_exec();
    EXPECT_EQ(changed.has_value(), is_supported(Feature::becoming_write_exec));
    EXPECT_EQ(changed ? (*changed)[0] : changed.error().pages[0], 5);
    if (!changed) {
        EXPECT_EQ(changed.error().error, std::errc::permission_denied);
    }
}

TEST(Features, SayWhetherPagesCanBecomeExecutable) {
    ReadWrite pages(page());
    pages[0] = 5;
    auto changed = std::move(pages).try_set_protected_exec();
    EXPECT_EQ(changed.has_value(), is_supported(Feature::becoming_exec));
    EXPECT_EQ(changed ? (*changed)[0] : changed.error().pages[0], 5);
    if (!changed) {
        EXPECT_EQ(changed.error().error, std::errc::permission_denied);
    }
}

TEST(Features, SayWhetherCodeCanBePublished) {
    if (!is_supported(Feature::write_exec)) {
        GTEST_SKIP() << "no pages are writable and executable at once here";
    }
    Patchable pages(page());
    const Result<void> published = pages.try_publish();
    EXPECT_EQ(published.has_value(), is_supported(Feature::publishing));
    if (!published) {
        EXPECT_EQ(published.error(), std::errc::operation_not_supported);
    }
}

TEST(Features, SayWhetherPagesMoveWithoutACopy) {
    constexpr std::size_t count = 600;
    ReadWrite pages(count * page());
    for (std::size_t i = 0; i < count; ++i) {
        pages[i * page()] = static_cast<std::uint8_t>(i);
    }
    pages.decommit(page(), (count - 1) * page());
    pages.resize(8 * count * page());
    EXPECT_EQ(pages[0], 0);
    // Moved pages take no more memory than before; copied pages have both copies resident.
    if (is_supported(Feature::moving_pages)) {
        EXPECT_LT(probe::resident_bytes(pages.data(), count * page()), count * page() / 2);
    }
}

}  // namespace
}  // namespace memory_pages
