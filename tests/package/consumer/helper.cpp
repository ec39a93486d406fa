// SPDX-License-Identifier: MIT
// A second object of a program.
#include <memory_pages/pages.hpp>

#include <cstddef>

using ReadWrite =
    memory_pages::Pages<memory_pages::AllowRead, memory_pages::AllowWrite, memory_pages::DenyExec>;

int element(const ReadWrite& pages, std::size_t index);
int element(const ReadWrite& pages, std::size_t index) { return pages[index]; }
