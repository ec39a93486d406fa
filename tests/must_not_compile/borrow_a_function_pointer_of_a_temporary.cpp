// SPDX-License-Identifier: MIT
// expect-gcc: use of deleted function .*get_fn_ptr
// expect-clang: call to deleted member function .get_fn_ptr
#include <memory_pages/exec.hpp>

using namespace memory_pages;

int main() {
#ifdef MUST_NOT_COMPILE
    auto* function = Pages<AllowRead, DenyWrite, AllowExec>(1).get_fn_ptr();
#endif
}
