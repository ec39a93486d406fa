// SPDX-License-Identifier: MIT
// expect: elements must not be references: use pointers
#include <memory_pages/paged_vec.hpp>

using namespace memory_pages;

int main() {
    PagedVec<int*> pointers;
#ifdef MUST_NOT_COMPILE
    PagedVec<int&> references;
#endif
}
