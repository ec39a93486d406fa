// SPDX-License-Identifier: MIT
// expect-gcc: use of deleted function
// expect-clang: deleted (member )?function
#include <memory_pages/reservation.hpp>

using namespace memory_pages;

int main() {
    const Reservation reservation(1);
    auto untyped = reservation.untyped();
#ifdef MUST_NOT_COMPILE
    untyped = Reservation(1).untyped();
#endif
    (void)untyped;
}
