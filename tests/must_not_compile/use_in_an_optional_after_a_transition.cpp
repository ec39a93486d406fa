// SPDX-License-Identifier: MIT
// expect-tidy: moved-from object.*clang-analyzer-cplusplus.Move
#include <memory_pages/pages.hpp>

#include <optional>
#include <utility>

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

int main() {
    std::optional<ReadWrite> pages(std::in_place, 1);
    const auto frozen = std::move(*pages).deny_write();
#ifdef MUST_NOT_COMPILE
    return (*pages)[0];
#endif
    return frozen[0];
}
