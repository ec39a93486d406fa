// SPDX-License-Identifier: MIT
// A user's program: exit status 0 means that the installed library works.
#include <memory_pages/exec.hpp>
#include <memory_pages/memory_pages.hpp>
#include <memory_pages/unsafe_write_exec.hpp>

#include <utility>

int main() {
    using namespace memory_pages;
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
    pages[0] = 42;
    const auto frozen = std::move(pages).deny_write();

    PagedVec<int> numbers;
    for (int i = 0; i < 100'000; ++i) {
        numbers.push_back(i);
    }
    return frozen[0] == 42 && numbers[99'999] == 99'999 ? 0 : 1;
}
