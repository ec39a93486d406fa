// SPDX-License-Identifier: MIT
/// \file
/// Mapping and unmapping memory: untouched, with a byte written in every page, and filled.

#include "by_hand.hpp"
#include "heaps.hpp"
#include "measure.hpp"
#include "pages.hpp"

#include <string>

namespace {

using measure::Sampler;
using measure::Way;

enum class Use { none, touch, fill };

template <Use how>
void use(void* memory, std::size_t bytes) {
    measure::keep(memory);
    if constexpr (how == Use::touch) {
        by_hand::touch(memory, bytes);
    } else if constexpr (how == Use::fill) {
        by_hand::fill(memory, bytes);
    }
}

/// Mapping untouched memory of any size takes a microsecond or less.
template <Use how>
std::size_t times(std::size_t bytes) {
    return how == Use::none ? 200 : measure::times_for(bytes);
}

/// The ways of one task. `bytes` is its size.
template <Use how>
void add(const std::string& work) {
    const std::size_t warmth = how == Use::none ? 0 : 1;
    const auto way = [&](const char* name, auto operation_of) {
        Way(work, name, warmth, [=](std::size_t bytes) -> Sampler {
            return measure::repeated(times<how>(bytes), operation_of(bytes));
        });
    };
    const auto pages = [&](const char* name, memory_pages::PageOptions options) {
        way(name, [=](std::size_t bytes) {
            return [=] {
                Writable made(bytes, options);
                use<how>(made.data(), bytes);
            };
        });
    };

    pages("Pages", {});
    pages("Pages, uncharged", {.uncharged = true});
    pages("Pages, huge preferred", {.huge_pages = memory_pages::HugePages::prefer});
    way("Pages from a pool", [](std::size_t bytes) {
        return [bytes, pool = generous_pool()] {
            auto taken = take(pool, bytes, memory_pages::Contents::indeterminate);
            use<how>(taken.data(), bytes);
        };
    });
    way("mmap by hand", [](std::size_t bytes) {
        return [=] {
            void* const memory = by_hand::map(bytes);
            use<how>(memory, bytes);
            by_hand::unmap(memory, bytes);
        };
    });
    way("mmap and MADV_HUGEPAGE by hand", [](std::size_t bytes) {
        return [=] {
            void* const memory = by_hand::map_huge(bytes);
            use<how>(memory, bytes);
            by_hand::unmap(memory, by_hand::whole_huge_pages(bytes));
        };
    });
    if constexpr (how != Use::none) {
        way("warm memory: the limit", [](std::size_t bytes) {
            void* const memory = by_hand::resident(bytes);
            return [=] { use<how>(memory, bytes); };
        });
    }
    for (const heaps::Known& known : heaps::known()) {
        way(known.name, [known](std::size_t bytes) {
            return [bytes, heap = known.load()] {
                void* const memory = heap.allocate(bytes);
                use<how>(memory, bytes);
                heap.release(memory);
            };
        });
    }
}

const bool added = [] {
    add<Use::none>("create and drop");
    add<Use::touch>("create, touch and drop");
    add<Use::fill>("create, fill and drop");
    return true;
}();

}  // namespace
