// SPDX-License-Identifier: MIT
#include "support/probe.hpp"

#include "support/last_error.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>
#include <vector>

namespace probe {
namespace {

/// The real page size, even if a test replaces `page_size`.
std::size_t kernel_page_size() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

std::uintptr_t number_of(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }

/// The number after `key` in a file of "key: number kB" lines, in bytes.
std::size_t kibibytes_in(const char* path, std::string_view key) {
    const last_error::Kept kept;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(key)) {
            return std::strtoull(line.c_str() + key.size(), nullptr, 10) * 1024;
        }
    }
    std::fprintf(stderr, "probe: no %s in %s\n", std::string(key).c_str(), path);
    std::abort();
}

/// Whether this line of maps or smaps begins a mapping that contains the address.
bool holds(const char* line, const void* address) {
    char* end = nullptr;
    const auto first = static_cast<std::uintptr_t>(std::strtoull(line, &end, 16));
    return *end == '-' && first <= number_of(address) &&
           number_of(address) < static_cast<std::uintptr_t>(std::strtoull(end + 1, nullptr, 16));
}

/// Passes the start of each line of /proc/self/maps to `is_found` until it returns true. Allocates
/// nothing, since that might map memory where a test checks.
template <class Predicate>
void find_mapping(Predicate is_found) {
    const last_error::Kept kept;
    std::array<char, 64> line{};  // Addresses and permissions; zeros behind them.
    std::size_t length = 0;
    std::array<char, 4096> text{};
    const int fd = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    bool is_done = false;
    for (ssize_t n = 0; !is_done && (n = ::read(fd, text.data(), text.size())) > 0;) {
        for (const char c : std::string_view(text.data(), static_cast<std::size_t>(n))) {
            if (c != '\n') {
                if (length < line.size() - 1) {
                    line[length++] = c;
                }
                continue;
            }
            if (is_done = is_found(line.data()); is_done) {
                break;
            }
            line.fill(0);
            length = 0;
        }
    }
    ::close(fd);
}

}  // namespace

std::size_t resident_bytes() { return kibibytes_in("/proc/self/smaps_rollup", "Rss:"); }

std::size_t resident_bytes(const void* base, std::size_t bytes) {
    const last_error::Kept kept;
    const std::size_t page = page_size();
    // One page at a time: mincore(2) refuses a range with a hole. A fake machine's page may be
    // several of the kernel's.
    std::vector<unsigned char> is_resident(page / kernel_page_size());
    std::size_t resident = 0;
    auto* const first = static_cast<unsigned char*>(const_cast<void*>(base));
    for (std::size_t offset = 0; offset < bytes; offset += page) {
        if (::mincore(first + offset, page, is_resident.data()) == 0 &&
            std::ranges::any_of(is_resident, [](unsigned char byte) { return (byte & 1) != 0; })) {
            resident += page;
        }
    }
    return resident;
}

std::size_t huge_bytes(const void* base, std::size_t bytes) {
    const last_error::Kept kept;
    const std::uintptr_t first = number_of(base);
    std::ifstream smaps("/proc/self/smaps");
    bool is_within = false;
    std::size_t found = 0;
    for (std::string line; std::getline(smaps, line);) {
        char* end = nullptr;
        const auto start = static_cast<std::uintptr_t>(std::strtoull(line.c_str(), &end, 16));
        if (*end == '-') {
            is_within = start >= first && start < first + bytes;
        } else if (is_within) {
            for (const std::string_view key : {"AnonHugePages:", "Private_Hugetlb:"}) {
                if (line.starts_with(key)) {
                    found += std::strtoull(line.c_str() + key.size(), nullptr, 10) * 1024;
                }
            }
        }
    }
    return found;
}

std::size_t peak_resident_bytes() { return kibibytes_in("/proc/self/status", "VmHWM:"); }

std::string permissions(const void* address) {
    std::string found;
    find_mapping([&](const char* line) {
        if (!holds(line, address)) {
            return false;
        }
        found.assign(std::strchr(line, ' ') + 1, 3);
        return true;
    });
    return found;
}

bool is_charged(const void* address) {
    const last_error::Kept kept;
    std::ifstream smaps("/proc/self/smaps");
    bool is_here = false;
    for (std::string line; std::getline(smaps, line);) {
        if (!is_here) {
            is_here = holds(line.c_str(), address);
        } else if (line.starts_with("VmFlags:")) {
            return line.find(" ac") != std::string::npos;
        }
    }
    return false;
}

std::size_t mapping_count() {
    std::size_t count = 0;
    find_mapping([&](const char* /*line*/) {
        ++count;
        return false;
    });
    return count;
}

std::size_t address_space_bytes() {
    const last_error::Kept kept;
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    return pages * kernel_page_size();
}

bool heap_maps_nothing() {
    const void* const block = std::malloc(1000);
    const bool is_below = block < ::sbrk(0);
    std::free(const_cast<void*>(block));
    return is_below;
}

}  // namespace probe
