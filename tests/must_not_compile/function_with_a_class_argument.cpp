// SPDX-License-Identifier: MIT
// expect: a function in pages needs a signature that C can have
#include <memory_pages/exec.hpp>

#include <string>

using namespace memory_pages;

int main() {
    Pages<AllowRead, DenyWrite, AllowExec> code(1);
#ifdef MUST_NOT_COMPILE
    (void)code.get_fn<void(std::string)>();
#endif
}
