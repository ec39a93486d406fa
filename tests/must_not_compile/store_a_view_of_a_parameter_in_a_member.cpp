// SPDX-License-Identifier: MIT
// compiler: clang
// flags: -Werror=dangling-field
// expect: initializing pointer member .bytes.
#include <memory_pages/pages.hpp>

#include <cstdint>

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

struct Reader {
#ifdef MUST_NOT_COMPILE
    explicit Reader(ReadWrite pages) : bytes(pages.data()) {}
#else
    explicit Reader(ReadWrite& pages) : bytes(pages.data()) {}
#endif
    std::uint8_t* bytes;
};

int main() {
    ReadWrite pages(1);
    return *Reader(pages).bytes;
}
