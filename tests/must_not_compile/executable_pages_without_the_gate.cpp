// SPDX-License-Identifier: MIT
// expect: executable pages: #include <memory_pages/exec.hpp>
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    Pages<AllowRead, DenyWrite, AllowExec> code(1);
#endif
}
