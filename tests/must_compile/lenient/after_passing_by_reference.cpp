// SPDX-License-Identifier: MIT
// Pages that were passed to other functions by reference, and used after.
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

void fill(ReadWrite& pages);
ReadWrite made();

int passed() {
    ReadWrite pages(1);
    fill(pages);
    return pages[0];
}

int swapped() {
    ReadWrite pages(1);
    ReadWrite other(1);
    swap(pages, other);
    std::swap(pages, other);
    pages.swap(other);
    return pages[0] + other[0];
}

int one_of_two(bool is_small) {
    ReadWrite pages = is_small ? ReadWrite(1) : made();
    return pages[0];
}
