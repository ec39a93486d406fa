// SPDX-License-Identifier: MIT
/// \file
/// Memory that reads zero and is ready to be used: a byte of every page is written. Where memory is
/// used again, all of it was written by the last user, which is not timed.

#include "by_hand.hpp"
#include "heaps.hpp"
#include "measure.hpp"
#include "pages.hpp"

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

const Way limit(work, "warm memory cleared past the caches: the limit", 1,
                [](std::size_t bytes) -> Sampler {
                    void* const memory = by_hand::resident(bytes);
                    return [=] {
                        by_hand::fill(memory, bytes);
                        return Sample{.nanoseconds = measure::time_of([&] {
                                          by_hand::clear_past_caches(memory, bytes);
                                          by_hand::touch(memory, bytes);
                                      })};
                    };
                });

}  // namespace
