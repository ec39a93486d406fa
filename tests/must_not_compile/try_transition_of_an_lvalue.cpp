// SPDX-License-Identifier: MIT
// expect: write std::move.pages.[.]try_set_protected_exec
#include <memory_pages/exec.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    auto code = pages.try_set_protected_exec();
#endif
}
