// SPDX-License-Identifier: MIT
// Makes code in every possible way. It is inspected, not run.

#include <memory_pages/unsafe_write_exec.hpp>

#include <utility>

int main() {
    using namespace memory_pages;
    Pages<AllowRead, AllowWrite, AllowExec> pages(1);
    pages.publish();
    const auto code = std::move(pages).deny_write();
}
