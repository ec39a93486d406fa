// SPDX-License-Identifier: MIT
// expect-gcc: no matching function for call to .*::as<
// expect-clang: no matching member function for call to .as
#include <memory_pages/pages.hpp>

#include <string>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    (void)pages.as<std::string>();
#endif
}
