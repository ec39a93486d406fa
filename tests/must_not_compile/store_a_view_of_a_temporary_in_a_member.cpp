// SPDX-License-Identifier: MIT
// expect-gcc: use of deleted function .*bytes
// expect-clang: call to deleted member function .bytes
#include <memory_pages/pages.hpp>

#include <cstdint>
#include <span>

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

struct Reader {
#ifdef MUST_NOT_COMPILE
    Reader() : bytes(ReadWrite(1).bytes()) {}
#endif
    std::span<std::uint8_t> bytes;
};

int main() { (void)Reader(); }
