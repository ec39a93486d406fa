// SPDX-License-Identifier: MIT
// expect: executable pages: #include <memory_pages/exec.hpp>
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

int main() {
    Pages<AllowRead, DenyWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    auto code = std::move(pages).allow_exec();
#endif
}
