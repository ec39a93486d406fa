// SPDX-License-Identifier: MIT
// Have much memory ready before it is needed, by all processors, and say how far it is.
#include <memory_pages/memory_pages.hpp>

#include <cstddef>
#include <iostream>

using namespace memory_pages;

int main() {
    const Pages<AllowRead, AllowWrite, DenyExec> table(std::size_t{256} << 20);

    const auto progress = [](std::size_t done, std::size_t all) {
        std::cout << '\r' << done * 100 / all << " %" << std::flush;
    };
    populate(table, {.progress = progress});  // Touching it later does not fault.
    std::cout << '\n';

    // With .stop = source.get_token() whoever has the std::stop_source can end it in between.
}
