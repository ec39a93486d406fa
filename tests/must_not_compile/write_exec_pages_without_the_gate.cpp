// SPDX-License-Identifier: MIT
// expect: writable and executable at once: #include <memory_pages/unsafe_write_exec.hpp>
#include <memory_pages/exec.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, DenyWrite, AllowExec> code(1);
#ifdef MUST_NOT_COMPILE
    Pages<AllowRead, AllowWrite, AllowExec> patchable(1);
#endif
}
