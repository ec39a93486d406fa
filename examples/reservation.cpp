// SPDX-License-Identifier: MIT
// Own address space now, and put memory behind parts of it later.
#include <memory_pages/memory_pages.hpp>

#include <cstddef>
#include <utility>

using namespace memory_pages;

int main() {
    constexpr std::size_t mebibyte = 1 << 20;

    // Addresses for 64 GiB. There is no memory behind them: touching any is a fault.
    const Reservation reservation(65536 * mebibyte);

    // Memory for a part of them, which reads zero. The rest still faults.
    auto pages = reservation.commit<AllowRead, AllowWrite>(0, mebibyte);
    pages[0] = 42;

    // More, right behind: nothing moves, and from here on both are one.
    pages = std::move(pages).join(reservation.commit<AllowRead, AllowWrite>(mebibyte, mebibyte));
    pages[mebibyte] = 43;

    // Two owners again, each with permissions and an end of its own.
    auto [header, body] = std::move(pages).split_at(mebibyte);
    const auto frozen = std::move(header).deny_write();
    {
        const auto ended = std::move(body);  // Its memory goes back at the brace, not its address.
    }
    return frozen[0] == 42 && reservation.ranges() == 1 ? 0 : 1;
}
