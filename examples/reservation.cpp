// SPDX-License-Identifier: MIT
// Reserve address space now, and commit parts of it later.
#include <memory_pages/memory_pages.hpp>

#include <cstddef>
#include <utility>

using namespace memory_pages;

int main() {
    constexpr std::size_t mebibyte = 1 << 20;

    // 64 GiB of addresses without memory: touching them faults.
    const Reservation reservation(65536 * mebibyte);

    // Commits a part, which reads zero. The rest still faults.
    auto pages = reservation.commit<AllowRead, AllowWrite>(0, mebibyte);
    pages[0] = 42;

    // Commits more right behind: nothing moves, and the two are joined.
    pages = std::move(pages).join(reservation.commit<AllowRead, AllowWrite>(mebibyte, mebibyte));
    pages[mebibyte] = 43;

    // Two owners again, each with its own permissions and lifetime.
    auto [header, body] = std::move(pages).split_at(mebibyte);
    const auto frozen = std::move(header).deny_write();
    {
        const auto ended = std::move(body);  // At the brace its memory is given back.
    }
    return frozen[0] == 42 && reservation.ranges() == 1 ? 0 : 1;
}
