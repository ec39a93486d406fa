// SPDX-License-Identifier: MIT
// compiler: clang
// flags: -Werror=dangling
// expect: temporary .* will be destroyed at the end of the full-expression
#include <memory_pages/paged_vec.hpp>

using namespace memory_pages;

int main() {
    PagedVec<int> numbers(3);
#ifdef MUST_NOT_COMPILE
    const int* const kept = PagedVec<int>(3).begin();
#else
    const int* const kept = numbers.begin();
#endif
    (void)kept;
}
