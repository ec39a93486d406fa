// SPDX-License-Identifier: MIT
// What is tested at run time, on any system.
#include "support/probe.hpp"

#include "support/system_calls.hpp"

#include <algorithm>
#include <array>

namespace probe {
namespace {

constexpr std::size_t page_count = 1024;

/// New pages that nobody has touched yet.
class FreshPages {
public:
    FreshPages() : base_(system_calls::map(bytes())) {}
    FreshPages(const FreshPages&) = delete;
    FreshPages& operator=(const FreshPages&) = delete;
    ~FreshPages() { system_calls::unmap(base_, bytes()); }

    static std::size_t bytes() { return page_count * page_size(); }

    void touch() const {
        for (std::size_t i = 0; i < bytes(); i += page_size()) {
            static_cast<volatile char*>(base_)[i] = 1;
        }
    }

private:
    void* base_;
};

}  // namespace

// The shadow of AddressSanitizer is an eighth of the touched memory. Other code of the process,
// such as Wine's, may take or free memory meanwhile, so one of a few attempts is enough. They are
// mapped at once: memory at an earlier address would have its shadow already.
bool counts_are_ours() {
    const std::array<FreshPages, 4> attempts;
    (void)resident_bytes();  // The first call takes memory itself.
    return std::ranges::any_of(attempts, [](const FreshPages& fresh) {
        const std::size_t before = resident_bytes();
        fresh.touch();
        return resident_bytes() - before < FreshPages::bytes() * 17 / 16;
    });
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

bool faults_are_counted() {
    const FreshPages fresh;
    const std::uint64_t before = page_faults();
    fresh.touch();
    return page_faults() != before;
}

}  // namespace probe
