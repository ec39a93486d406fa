// SPDX-License-Identifier: MIT
#include "second_copy.hpp"

#include <utility>

extern "C" [[gnu::visibility("default")]] second_copy::Verbs second_copy_verbs();

second_copy::Verbs second_copy_verbs() {
    using second_copy::ReadWrite;
    return {
        .end = [](ReadWrite&& pages) { const ReadWrite ended = std::move(pages); },
        .join = [](ReadWrite&& front,
                   ReadWrite&& behind) { return std::move(front).join(std::move(behind)); },
        .error = [](memory_pages::PageError error) { return make_error_code(error); },
        .category = &memory_pages::page_error_category(),
    };
}
