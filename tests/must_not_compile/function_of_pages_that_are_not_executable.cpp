// SPDX-License-Identifier: MIT
// expect: not executable: std::move.pages.[.]set_protected_exec
#include <memory_pages/exec.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    (void)pages.get_fn<void()>();
#endif
}
