// SPDX-License-Identifier: MIT
// Microsoft's "PE Format": for each library, the import directory has a table of names and a table
// of addresses in the same order.
#include "support/imports.hpp"

#include "support/windows_api.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace imports {
namespace {

/// The object at an offset in this program's image.
template <class T>
T* at(std::size_t offset) {
    auto* const image = reinterpret_cast<char*>(::GetModuleHandleW(nullptr));
    return reinterpret_cast<T*>(reinterpret_cast<void*>(image + offset));
}

const IMAGE_IMPORT_DESCRIPTOR* import_directory() {
    const auto* const headers =
        at<IMAGE_NT_HEADERS>(static_cast<std::size_t>(at<IMAGE_DOS_HEADER>(0)->e_lfanew));
    return at<IMAGE_IMPORT_DESCRIPTOR>(
        headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT].VirtualAddress);
}

}  // namespace

void** cell_of(const char* name) {
    for (const auto* library = import_directory(); library->Name != 0; ++library) {
        const auto* const names = at<IMAGE_THUNK_DATA>(library->OriginalFirstThunk);
        auto* const addresses = at<void*>(library->FirstThunk);
        for (std::size_t i = 0; names[i].u1.AddressOfData != 0; ++i) {
            if (!IMAGE_SNAP_BY_ORDINAL(names[i].u1.Ordinal) &&
                std::strcmp(at<IMAGE_IMPORT_BY_NAME>(names[i].u1.AddressOfData)->Name, name) == 0) {
                return addresses + i;
            }
        }
    }
    std::fprintf(stderr, "imports: this program does not import %s\n", name);
    std::abort();
}

void set(void** cell, void* function) {
    DWORD before = 0;
    ::VirtualProtect(cell, sizeof *cell, PAGE_READWRITE, &before);
    *cell = function;
    ::VirtualProtect(cell, sizeof *cell, before, &before);
}

}  // namespace imports
