// SPDX-License-Identifier: MIT
/// \file
/// Guards inside pages: making and removing many in one mapping.

#include "by_hand.hpp"
#include "measure.hpp"

#include <memory_pages/memory_pages.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include <sys/mman.h>

namespace {

using measure::Sample;
using measure::Sampler;
using measure::Way;

using Guarded = memory_pages::GuardedPages<memory_pages::AllowRead, memory_pages::AllowWrite,
                                           memory_pages::DenyExec>;

/// Makes every other page a guard and then removes the guards, per guard. Times only one half.
template <class Make, class Remove>
Sample made_and_removed(bool times_removal, std::size_t count, Make make, Remove remove) {
    const auto all = [count](auto act) {
        return measure::time_of([&] {
            for (std::size_t i = 0; i < count; ++i) {
                act(2 * i * by_hand::page);
            }
        });
    };
    const double making = all(make);
    const double removing = all(remove);
    return {.nanoseconds = (times_removal ? removing : making) / static_cast<double>(count)};
}

Sampler by_pages(bool times_removal, std::size_t count) {
    return [=, pages = std::make_shared<Guarded>(2 * count * by_hand::page)] {
        return made_and_removed(
            times_removal, count, [&](std::size_t at) { pages->guard(at, by_hand::page); },
            [&](std::size_t at) { pages->unguard(at, by_hand::page); });
    };
}

void must(int result) {
    if (result != 0) {
        std::abort();
    }
}

/// The same with system calls by hand, one for each guard.
template <class Make, class Remove>
Sampler by_calls(bool times_removal, std::size_t count, Make make, Remove remove) {
    return [=, memory = static_cast<std::uint8_t*>(by_hand::map(2 * count * by_hand::page))] {
        return made_and_removed(
            times_removal, count, [&](std::size_t at) { must(make(memory + at)); },
            [&](std::size_t at) { must(remove(memory + at)); });
    };
}

Sampler by_marks(bool times_removal, std::size_t count) {
    constexpr int guard_install = 102;  // Newer than the C library's headers.
    constexpr int guard_remove = 103;
    return by_calls(
        times_removal, count, [](void* at) { return ::madvise(at, by_hand::page, guard_install); },
        [](void* at) { return ::madvise(at, by_hand::page, guard_remove); });
}

Sampler by_protection(bool times_removal, std::size_t count) {
    constexpr std::size_t most = 16384;  // Each takes two of the process's mappings.
    return by_calls(
        times_removal, std::min(count, most),
        [](void* at) { return ::mprotect(at, by_hand::page, PROT_NONE); },
        [](void* at) { return ::mprotect(at, by_hand::page, PROT_READ | PROT_WRITE); });
}

const bool added = [] {
    for (const bool times_removal : {false, true}) {
        const char* const work = times_removal ? "remove guards" : "make guards";
        const auto way = [=](const char* name, auto sampler) {
            Way(work, name, 0, [=](std::size_t count) { return sampler(times_removal, count); });
        };
        way(times_removal ? "GuardedPages::unguard" : "GuardedPages::guard", by_pages);
        if (memory_pages::is_supported(memory_pages::Feature::many_guards)) {
            way(times_removal ? "MADV_GUARD_REMOVE by hand" : "MADV_GUARD_INSTALL by hand",
                by_marks);
        }
        way("mprotect by hand", by_protection);
    }
    return true;
}();

}  // namespace
