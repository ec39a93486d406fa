// SPDX-License-Identifier: MIT
/// \file
/// Random operations on `Pages`, compared with a model: bytes in a vector.

#include <memory_pages/page_size.hpp>
#include <memory_pages/pages.hpp>

#include "support/enumerators.hpp"

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <utility>
#include <vector>

namespace {

using memory_pages::Advice;
using memory_pages::AllowRead;
using memory_pages::AllowWrite;
using memory_pages::DenyExec;
using memory_pages::DenyWrite;
using memory_pages::PageOptions;

using Writable = memory_pages::Pages<AllowRead, AllowWrite, DenyExec>;
using Frozen = memory_pages::Pages<AllowRead, DenyWrite, DenyExec>;

constexpr std::size_t most_pages = 64;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

class Run {
public:
    Run(const std::uint8_t* data, std::size_t size)
        : input_(data, size), options_(some_options()), pages_(some_size(), options_) {
        model_.resize(rounded(asked_));
        check();
    }

    void step() {
        switch (input_.ConsumeIntegralInRange(0, 9)) {
            case 0:
                return resize();
            case 1:
                return write();
            case 2:
                return advise();
            case 3:
                return give_back(&Writable::try_decommit);
            case 4:
                return give_back(&Writable::try_discard);
            case 5:
                return zero();
            case 6:
                return populate();
            case 7:
                return freeze_and_thaw();
            case 8:
                return release_and_adopt();
            default:
                return move_around();
        }
    }

    [[nodiscard]] bool has_more() { return input_.remaining_bytes() > 0; }

    void check() {
        require(pages_.size() == model_.size());
        require(std::ranges::equal(std::as_const(pages_).bytes(), model_));
        const std::size_t alignment = std::max(options_.alignment, memory_pages::page_size());
        require(reinterpret_cast<std::uintptr_t>(pages_.data()) % alignment == 0);
    }

private:
    [[nodiscard]] static std::size_t rounded(std::size_t bytes) {
        const std::size_t page = memory_pages::page_size();
        return (bytes + page - 1) / page * page;
    }

    PageOptions some_options() {
        PageOptions options;
        if (input_.ConsumeBool()) {
            options.alignment = std::size_t{1} << input_.ConsumeIntegralInRange(0, 22);
        }
        options.populate = input_.ConsumeBool();
        options.uncharged = input_.ConsumeBool();
        return options;
    }

    std::size_t some_size() {
        asked_ =
            input_.ConsumeIntegralInRange<std::size_t>(1, most_pages * memory_pages::page_size());
        return asked_;
    }

    /// Any two numbers: in range or not, aligned or not, sometimes close to overflow.
    std::pair<std::size_t, std::size_t> some_range() {
        const auto number = [this]() -> std::size_t {
            const std::size_t page = memory_pages::page_size();
            switch (input_.ConsumeIntegralInRange(0, 3)) {
                case 0:
                    return input_.ConsumeIntegralInRange<std::size_t>(0, most_pages) * page;
                case 1:
                    return input_.ConsumeIntegralInRange<std::size_t>(0, pages_.size() + 1);
                case 2:
                    return SIZE_MAX - 1 - input_.ConsumeIntegralInRange<std::size_t>(0, page);
                default:
                    return pages_.size();
            }
        };
        const std::size_t offset = number();
        return {offset, number()};
    }

    [[nodiscard]] bool lies_within(std::size_t offset, std::size_t bytes) const {
        return offset <= model_.size() && bytes <= model_.size() - offset;
    }

    void resize() {
        const std::size_t bytes = some_size();
        require(pages_.try_resize(bytes).has_value());
        model_.resize(rounded(bytes));
        check();
    }

    void write() {
        const auto [offset, bytes] = some_range();
        if (lies_within(offset, bytes)) {
            fill(offset, bytes);
        }
    }

    void fill(std::size_t offset, std::size_t bytes) {
        const auto value = input_.ConsumeIntegral<std::uint8_t>();
        for (std::size_t i = 0; i < bytes; ++i) {
            model_[offset + i] = static_cast<std::uint8_t>(value + i * 7);
        }
        pages_.write_at(offset, std::span(model_).subspan(offset, bytes));
        check();
    }

    void advise() {
        const auto [offset, bytes] = some_range();
        const Advice advice = input_.PickValueInArray(enumerators::every<Advice>);
        const auto done = pages_.try_advise(advice, offset, bytes);
        require(done.has_value() == lies_within(offset, bytes));
        check();
    }

    [[nodiscard]] bool is_whole_pages(std::size_t offset, std::size_t bytes) const {
        const std::size_t page = memory_pages::page_size();
        return lies_within(offset, bytes) && offset % page == 0 && bytes % page == 0;
    }

    /// The contents are unknown afterwards, so this writes them again; all others must stay.
    void give_back(memory_pages::Result<void> (Writable::*verb)(std::size_t,
                                                                std::size_t) & noexcept) {
        const auto [offset, bytes] = some_range();
        const bool is_valid = is_whole_pages(offset, bytes);
        require((pages_.*verb)(offset, bytes).has_value() == is_valid);
        if (is_valid) {
            fill(offset, bytes);
        }
        check();
    }

    void zero() {
        const auto [offset, bytes] = some_range();
        const bool is_valid = is_whole_pages(offset, bytes);
        require(pages_.try_zero(offset, bytes).has_value() == is_valid);
        if (is_valid) {
            std::ranges::fill(std::span(model_).subspan(offset, bytes), std::uint8_t{0});
        }
        check();
    }

    void populate() {
        const auto [offset, bytes] = some_range();
        require(pages_.try_populate(offset, bytes).has_value() == lies_within(offset, bytes));
        check();
    }

    void freeze_and_thaw() {
        Frozen frozen = std::move(pages_).deny_write();
        require(std::ranges::equal(frozen.bytes(), model_));
        require(pages_.size() == 0);
        pages_ = std::move(frozen).allow_write();
        check();
    }

    void release_and_adopt() {
        auto raw = std::move(pages_).release();
        pages_ = Writable::adopt(std::move(raw));
        check();
    }

    void move_around() {
        Writable other(1);
        swap(other, pages_);
        Writable moved(std::move(other));
        pages_ = std::move(moved);
        check();
    }

    FuzzedDataProvider input_;
    std::size_t asked_ = 0;
    PageOptions options_;
    Writable pages_;
    std::vector<std::uint8_t> model_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Run run(data, size);
    while (run.has_more()) {
        run.step();
    }
    return 0;
}
