// SPDX-License-Identifier: MIT
// Catch an overrun at once: a text right before a guard, and stacks with guards between them.
#include <memory_pages/memory_pages.hpp>

#include <iostream>
#include <span>
#include <string_view>

using namespace memory_pages;

int main() {
    constexpr std::string_view digits = "3141592653";
    const GuardedArray<char> text{std::span<const char>(digits)};
    int sum = 0;
    for (const char digit : text) {  // Reading one more byte would fault.
        sum += digit - '0';
    }

    // A thousand stacks in one mapping, each behind a guard that takes no memory.
    const std::size_t page = page_size();
    const std::size_t stack = 16 * page;
    constexpr std::size_t count = 1000;
    GuardedPages<AllowRead, AllowWrite, DenyExec> stacks(count * (page + stack));
    for (std::size_t i = 0; i < count; ++i) {
        stacks.guard(i * (page + stack), page);
    }
    stacks[page + stack - 1] = 1;  // The first byte that a stack uses.

    std::cout << "the sum is " << sum << ", and " << count << " stacks are guarded\n";
    return sum == 39 && stacks.is_guarded(0) && !stacks.is_guarded(page) ? 0 : 1;
}
