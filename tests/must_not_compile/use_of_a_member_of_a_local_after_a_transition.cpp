// SPDX-License-Identifier: MIT
// expect-tidy: moved-from object.*clang-analyzer-cplusplus.Move
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

struct Table {
    ReadWrite pages{1};
};

int main() {
    Table table;
    const auto frozen = std::move(table.pages).deny_write();
#ifdef MUST_NOT_COMPILE
    return table.pages[0];
#endif
    return frozen[0];
}
