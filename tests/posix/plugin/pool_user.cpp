// SPDX-License-Identifier: MIT
// A plugin with pools, its own and that of the process. With its own copy of the library, or
// sharing one.
#include <memory_pages/page_pool.hpp>

using namespace memory_pages;

extern "C" [[gnu::visibility("default")]] void use_pools();
extern "C" [[gnu::visibility("default")]] void use_pool_of_process();

namespace {

void use(PagePool& pool) {
    auto pages = pool.take<AllowRead, AllowWrite, DenyExec>(1 << 16);
    pages[0] = 1;
}

}  // namespace

void use_pools() {
    static PagePool of_plugin;
    PagePool of_call;
    use(PagePool::process());
    use(of_plugin);
    use(of_call);
}

void use_pool_of_process() { use(PagePool::process()); }
