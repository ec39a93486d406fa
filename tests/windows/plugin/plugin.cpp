// SPDX-License-Identifier: MIT
// A library with its own copy of memory_pages, which a program loads and unloads.
#include <memory_pages/page_pool.hpp>
#include <memory_pages/page_size.hpp>

namespace {

using namespace memory_pages;

PagePool pool;
thread_local int object = 0;

}  // namespace

extern "C" {
__declspec(dllexport) void touch_thread_local();
__declspec(dllexport) void use_pool();
}

/// Touches thread_local data of the run time, and nothing of memory_pages.
void touch_thread_local() { ++object; }

void use_pool() {
    touch_thread_local();
    auto pages = pool.take<AllowRead, AllowWrite, DenyExec>(page_size());
    pages[0] = 1;
}
