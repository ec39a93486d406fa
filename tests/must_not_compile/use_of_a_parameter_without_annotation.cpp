// SPDX-License-Identifier: MIT
// flags: -Wconsumed -Werror=consumed
// expect-strict: invalid invocation of method .operator\[\]. on .* in the .unknown. state
#include <memory_pages/pages.hpp>

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

#ifdef MUST_NOT_COMPILE
int first(const ReadWrite& pages) { return pages[0]; }
#else
int first(const ReadWrite& pages [[clang::param_typestate(unconsumed)]]) { return pages[0]; }
#endif
