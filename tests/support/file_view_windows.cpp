// SPDX-License-Identifier: MIT
#include "support/file_view.hpp"

#include "support/windows_api.hpp"

#include <io.h>

void* file_view::map(std::FILE* file, std::size_t /*bytes*/, Sharing sharing) {
    const auto handle = reinterpret_cast<HANDLE>(::_get_osfhandle(::_fileno(file)));
    const bool is_shared = sharing == Sharing::shared;
    const HANDLE section = ::CreateFileMappingW(
        handle, nullptr, is_shared ? PAGE_READWRITE : PAGE_WRITECOPY, 0, 0, nullptr);
    if (section == nullptr) {
        return nullptr;
    }
    void* const view =
        ::MapViewOfFile(section, is_shared ? FILE_MAP_WRITE : FILE_MAP_COPY, 0, 0, 0);
    (void)::CloseHandle(section);
    return view;
}

void file_view::unmap(void* view, std::size_t /*bytes*/) { (void)::UnmapViewOfFile(view); }
