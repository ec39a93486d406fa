// SPDX-License-Identifier: MIT
// expect: #include <memory_pages/unsafe_write_exec.hpp>
#include <memory_pages/exec.hpp>
#include <memory_pages/reservation.hpp>

using namespace memory_pages;

void patch(UntypedReservation untyped) {
    untyped.protect<AllowRead, DenyWrite, AllowExec>(0, 1);
#ifdef MUST_NOT_COMPILE
    untyped.protect<AllowRead, AllowWrite, AllowExec>(0, 1);
#endif
}
