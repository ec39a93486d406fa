// SPDX-License-Identifier: MIT
#include "support/process.hpp"

#include <unistd.h>

#include <array>
#include <climits>
#include <cstddef>
#include <fstream>

namespace process {

std::size_t Child::resident_bytes() const {
    std::size_t all_pages = 0;
    std::size_t resident_pages = 0;
    std::ifstream("/proc/" + std::to_string(id_) + "/statm") >> all_pages >> resident_pages;
    return resident_pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::string own_path() {
    std::array<char, PATH_MAX> path{};
    const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
    return {path.data(), length < 0 ? 0 : static_cast<std::size_t>(length)};
}

}  // namespace process
