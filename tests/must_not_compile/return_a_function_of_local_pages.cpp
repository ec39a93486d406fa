// SPDX-License-Identifier: MIT
// compiler: clang
// flags: -Werror=return-stack-address
// expect: address of stack memory associated with local variable
#include <memory_pages/exec.hpp>

using namespace memory_pages;

FnRef<void()> function(const Pages<AllowRead, DenyWrite, AllowExec>& kept) {
    const Pages<AllowRead, DenyWrite, AllowExec> code(1);
#ifdef MUST_NOT_COMPILE
    return code.get_fn<void()>();
#else
    return kept.get_fn<void()>();
#endif
}

int main() {
    const Pages<AllowRead, DenyWrite, AllowExec> code(1);
    (void)function(code);
}
