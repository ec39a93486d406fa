// SPDX-License-Identifier: MIT
/// \file
/// Making pages resident with one thread and with several. Sizes are bytes.

#include "measure.hpp"
#include "pages.hpp"

#include <memory_pages/populate.hpp>

#include <string>

namespace {

using measure::Sample;
using memory_pages::HugePages;

void add(const std::string& kind, HugePages huge_pages) {
    for (const unsigned threads : {1U, 2U}) {
        measure::Way("populate", kind + ", threads: " + std::to_string(threads), 1,
                     [=](std::size_t bytes) -> measure::Sampler {
                         return [=] {
                             const Writable pages(bytes, {.huge_pages = huge_pages});
                             return Sample{.nanoseconds = measure::wall_time_of([&] {
                                               memory_pages::populate(pages, {.threads = threads});
                                           })};
                         };
                     });
    }
}

const bool added = [] {
    add("small pages", HugePages::never);
    add("huge pages preferred", HugePages::prefer);
    return true;
}();

}  // namespace
