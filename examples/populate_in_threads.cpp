// SPDX-License-Identifier: MIT
// Make large memory resident before it is needed, on all processors, and report progress.
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

    // With .stop = source.get_token(), the owner of the std::stop_source can stop it.
}
