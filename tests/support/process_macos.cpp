// SPDX-License-Identifier: MIT
#include "support/process.hpp"

#include <libproc.h>
#include <mach-o/dyld.h>
#include <sys/proc_info.h>

#include <cstdint>

namespace process {

std::size_t Child::resident_bytes() const {
    proc_taskinfo info{};
    const int size = ::proc_pidinfo(static_cast<int>(id_), PROC_PIDTASKINFO, 0, &info, sizeof info);
    return size == sizeof info ? info.pti_resident_size : 0;
}

std::string own_path() {
    std::uint32_t size = 0;
    (void)::_NSGetExecutablePath(nullptr, &size);
    std::string path(size, '\0');
    if (::_NSGetExecutablePath(path.data(), &size) != 0) {
        return "";
    }
    path.resize(path.find('\0'));
    return path;
}

}  // namespace process
