// SPDX-License-Identifier: MIT
// expect-tidy: moved-from object.*clang-analyzer-cplusplus.Move
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

class Table {
public:
    int seal() {
        const auto frozen = std::move(pages_).deny_write();
#ifdef MUST_NOT_COMPILE
        return pages_[0];
#endif
        return frozen[0];
    }

private:
    ReadWrite pages_{1};
};

int main() {
    Table table;
    return table.seal();
}
