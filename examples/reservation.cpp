// SPDX-License-Identifier: MIT
#include <memory_pages/reservation.hpp>

#include <cstdio>

int main() {
    using memory_pages::AllowRead, memory_pages::AllowWrite, memory_pages::Reservation;
    constexpr std::size_t mebibyte = std::size_t{1} << 20;

    // Address space for 64 GiB: no memory stands behind it, and touching any of it faults.
    const Reservation reservation(65536 * mebibyte);

    // Memory for a part of it, which reads zero. The rest still faults.
    auto front = reservation.commit<AllowRead, AllowWrite>(0, mebibyte);
    front[0] = 42;

    // More, right behind it: nothing moves, and both are one from now on.
    front = std::move(front).join(reservation.commit<AllowRead, AllowWrite>(mebibyte, mebibyte));
    front[mebibyte] = 43;

    // Two owners again. Each has permissions of its own, and each goes by itself.
    auto [header, body] = std::move(front).split_at(mebibyte);
    const auto frozen = std::move(header).deny_write();  // Writing to it does not compile.
    {
        const auto ended = std::move(body);  // Its memory goes back at the brace.
    }
    std::printf("%d, %zu range, %zu bytes of addresses\n", frozen[0], reservation.ranges(),
                reservation.size());
    return frozen[0] == 42 && reservation.ranges() == 1 ? 0 : 1;
}
