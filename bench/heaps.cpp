// SPDX-License-Identifier: MIT
#include "heaps.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

#include <dlfcn.h>

namespace heaps {
namespace {

template <class Function>
void find(Function*& function, void* library, const std::string& name) {
    function = reinterpret_cast<Function*>(::dlsym(library, name.c_str()));
    if (function == nullptr) {
        std::fprintf(stderr, "measure: no %s in its library\n", name.c_str());
        std::exit(1);
    }
}

}  // namespace

Heap Known::load() const {
    if (*library == '\0') {
        return {std::malloc, std::calloc, std::free};
    }
    // RTLD_DEEPBIND: inside the library, malloc is its own.
    void* const handle = ::dlopen(library, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    if (handle == nullptr) {
        std::fprintf(stderr, "measure: %s\n", ::dlerror());
        std::exit(1);
    }
    Heap heap{};
    find(heap.allocate, handle, prefix + std::string("malloc"));
    find(heap.allocate_zeroed, handle, prefix + std::string("calloc"));
    find(heap.release, handle, prefix + std::string("free"));
    return heap;
}

std::vector<Known> known() {
    // The libraries that the build found; an empty path is skipped.
    std::vector<Known> all{{"malloc", "", ""}};
    for (const Known& other :
         {Known{"jemalloc", JEMALLOC_LIBRARY, ""}, Known{"mimalloc", MIMALLOC_LIBRARY, "mi_"},
          Known{"tcmalloc", TCMALLOC_MINIMAL_LIBRARY, "tc_"},
          Known{"oneTBB", TBBMALLOC_LIBRARY, "scalable_"}}) {
        if (*other.library != '\0') {
            all.push_back(other);
        }
    }
    return all;
}

}  // namespace heaps
