// SPDX-License-Identifier: MIT
// What is found out by trying, on any system.
#include "support/probe.hpp"

#include "support/system_calls.hpp"

namespace probe {
namespace {

constexpr std::size_t page_count = 1024;

/// What the system counts more of, once that many fresh pages are touched.
struct Added {
    std::size_t resident;
    std::uint64_t faults;
};
Added by_touching_fresh_pages() {
    const std::size_t bytes = page_count * page_size();
    void* const fresh = system_calls::map(bytes);
    (void)resident_bytes();  // What the first look takes for itself.
    const Added before{resident_bytes(), page_faults()};
    for (std::size_t i = 0; i < bytes; i += page_size()) {
        static_cast<volatile char*>(fresh)[i] = 1;
    }
    const Added added{resident_bytes() - before.resident, page_faults() - before.faults};
    system_calls::unmap(fresh, bytes);
    return added;
}

}  // namespace

// The shadow of an AddressSanitizer is an eighth of what was touched.
bool counts_are_ours() {
    return by_touching_fresh_pages().resident < page_count * page_size() * 17 / 16;
}

bool mapping_is_free() {
    constexpr std::size_t many = std::size_t{256} << 20;
    constexpr std::size_t few = std::size_t{1} << 20;
    const std::size_t before = resident_bytes();
    void* const untouched = system_calls::map(many);
    const std::size_t after = resident_bytes();
    system_calls::unmap(untouched, many);
    return after < before + few;
}

bool faults_are_counted() { return by_touching_fresh_pages().faults != 0; }

}  // namespace probe
