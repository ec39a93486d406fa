// SPDX-License-Identifier: MIT
// compiler: clang
// flags: -Werror=return-stack-address
// expect: stack memory associated with local variable
#include <memory_pages/paged_vec.hpp>

using namespace memory_pages;

const int& dangling(const PagedVec<int>& kept) {
    PagedVec<int> numbers(3);
#ifdef MUST_NOT_COMPILE
    return numbers.front();
#endif
    return kept.front();
}

int main() {
    const PagedVec<int> numbers(3);
    return dangling(numbers);
}
