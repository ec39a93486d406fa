// SPDX-License-Identifier: MIT
#include "support/file_view.hpp"

#include <sys/mman.h>

void* file_view::map(std::FILE* file, std::size_t bytes, Sharing sharing) {
    void* const view =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
               sharing == Sharing::shared ? MAP_SHARED : MAP_PRIVATE, ::fileno(file), 0);
    return view == MAP_FAILED ? nullptr : view;
}

void file_view::unmap(void* view, std::size_t bytes) { (void)::munmap(view, bytes); }
