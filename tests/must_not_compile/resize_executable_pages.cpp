// SPDX-License-Identifier: MIT
// expect: executable: std::move.pages.[.]allow_write_no_exec
#include <memory_pages/unsafe_write_exec.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, AllowExec> pages(1);
#ifdef MUST_NOT_COMPILE
    pages.resize(2);
#endif
}
