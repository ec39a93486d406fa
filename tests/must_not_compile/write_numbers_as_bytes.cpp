// SPDX-License-Identifier: MIT
// expect: write_at takes bytes: std::as_bytes.std::span.source
#include <memory_pages/pages.hpp>

#include <array>
#include <span>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
    const std::array numbers = {1, 2, 3};
    pages.write_at(0, std::as_bytes(std::span(numbers)));
#ifdef MUST_NOT_COMPILE
    pages.write_at(0, numbers);
#endif
}
