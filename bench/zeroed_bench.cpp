// SPDX-License-Identifier: MIT
/// \file
/// Memory that reads zero and is ready to be used: a byte of every page is written. Where memory is
/// used again, all of it was written by the last user, which is not timed.

#include "by_hand.hpp"
#include "heaps.hpp"
#include "measure.hpp"
#include "pages.hpp"

#include <cstdlib>
#include <memory>

namespace {

using measure::Sample;
using measure::Sampler;
using measure::Way;

const char* const work = "zeroed memory";

const Way by_calloc(work, "calloc", 1, [](std::size_t bytes) -> Sampler {
    return measure::repeated(measure::times_for(bytes), [=] {
        void* const memory = std::calloc(1, bytes);
        by_hand::touch(memory, bytes);
        std::free(memory);
    });
});

const Way by_huge_pages(work, "Pages, huge preferred", 1, [](std::size_t bytes) -> Sampler {
    return measure::repeated(measure::times_for(bytes), [=] {
        Writable pages(bytes, {.huge_pages = memory_pages::HugePages::prefer});
        by_hand::touch(pages.data(), bytes);
    });
});

const Way by_pool(work, "Pages from a pool", 1, [](std::size_t bytes) -> Sampler {
    return [bytes, pool = generous_pool()] {
        {
            auto used = take(pool, bytes, memory_pages::Contents::indeterminate);
            by_hand::fill(used.data(), bytes);
        }
        return Sample{.nanoseconds = measure::time_of([&] {
                          auto zeroed = take(pool, bytes, memory_pages::Contents::zero);
                          by_hand::touch(zeroed.data(), bytes);
                      })};
    };
});

/// A few pages that are there made to read zero, and used.
template <void (*make_zero)(Writable&)>
Sampler made_zero(std::size_t bytes) {
    return measure::repeated(measure::times_for(bytes),
                             [bytes, pages = std::make_shared<Writable>(
                                         bytes, memory_pages::PageOptions{.populate = true})] {
                                 make_zero(*pages);
                                 by_hand::touch(pages->data(), bytes);
                             });
}

const Way by_zero("make zero", "Pages::zero", 0, made_zero<[](Writable& pages) { pages.zero(); }>);
const Way by_decommit("make zero", "Pages::decommit", 0,
                      made_zero<[](Writable& pages) { pages.decommit(); }>);

}  // namespace
