// SPDX-License-Identifier: MIT
// expect-tidy: moved-from object.*clang-analyzer-cplusplus.Move
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

int main() {
    ReadWrite all[] = {ReadWrite(1), ReadWrite(1)};
    const auto frozen = std::move(all[0]).deny_write();
#ifdef MUST_NOT_COMPILE
    return all[0][0];
#endif
    return frozen[0];
}
