// SPDX-License-Identifier: MIT
/// \file
/// Memory that reads zero and is ready for use: writes a byte of every page. Reused memory was
/// written by its last user, which is not timed.

#include "by_hand.hpp"
#include "heaps.hpp"
#include "measure.hpp"
#include "pages.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>
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

/// Clears a few existing pages, and uses them.
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

void clear(void* base, std::size_t bytes) { std::memset(base, 0, bytes); }

/// Clears parts of pages that were written, one after the other; per part.
template <void (*make_zero)(void*, std::size_t), bool is_used_again>
Sampler parts_made_zero(std::size_t bytes) {
    constexpr std::size_t all = std::size_t{8} << 20;
    return [bytes, memory = static_cast<std::byte*>(by_hand::map(all))] {
        by_hand::fill(memory, all);
        const double time = measure::time_of([&] {
            for (std::byte* part = memory; part != memory + all; part += bytes) {
                make_zero(part, bytes);
                measure::keep(part);
                if constexpr (is_used_again) {
                    by_hand::touch(part, bytes);
                }
            }
        });
        return Sample{.nanoseconds = time * static_cast<double>(bytes) / all};
    };
}

const char* const written = "make written pages zero";
const Way by_memset(written, "memset", 0, parts_made_zero<clear, false>);
const Way by_drop(written, "MADV_DONTNEED", 0, parts_made_zero<by_hand::drop, false>);
const Way by_memset_used(written, "memset, used again", 0, parts_made_zero<clear, true>);
const Way by_drop_used(written, "MADV_DONTNEED, used again", 0,
                       parts_made_zero<by_hand::drop, true>);

}  // namespace
