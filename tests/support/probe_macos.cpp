// SPDX-License-Identifier: MIT
#include "support/probe.hpp"

#include "support/last_error.hpp"

#include <mach/mach.h>
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>

namespace probe {
namespace {

mach_task_basic_info task() {
    mach_task_basic_info info{};
    mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
    if (::task_info(mach_task_self(), MACH_TASK_BASIC_INFO, reinterpret_cast<task_info_t>(&info),
                    &count) != KERN_SUCCESS) {
        std::fputs("probe: task_info\n", stderr);
        std::abort();
    }
    return info;
}

struct Region {
    vm_address_t base = 0;
    vm_size_t bytes = 0;  ///< 0: there is no region.
    vm_prot_t protection = VM_PROT_NONE;
};

/// The region at an address, or the next one.
Region region_from(vm_address_t address) {
    Region region{.base = address};
    vm_region_basic_info_data_64_t info{};
    mach_msg_type_number_t count = VM_REGION_BASIC_INFO_COUNT_64;
    mach_port_t unused = MACH_PORT_NULL;
    if (::vm_region_64(mach_task_self(), &region.base, &region.bytes, VM_REGION_BASIC_INFO_64,
                       reinterpret_cast<vm_region_info_t>(&info), &count,
                       &unused) != KERN_SUCCESS) {
        return {};
    }
    region.protection = info.protection;
    return region;
}

}  // namespace

std::size_t resident_bytes() { return task().resident_size; }

std::size_t resident_bytes(const void* base, std::size_t bytes) {
    const last_error::Kept kept;
    const std::size_t page = page_size();
    // One page at a time: a range with a hole is refused.
    std::size_t resident = 0;
    auto* const first = static_cast<char*>(const_cast<void*>(base));
    for (std::size_t offset = 0; offset < bytes; offset += page) {
        char is_resident = 0;
        if (::mincore(first + offset, page, &is_resident) == 0 &&
            (is_resident & MINCORE_INCORE) != 0) {
            resident += page;
        }
    }
    return resident;
}

std::size_t huge_bytes(const void*, std::size_t) { return 0; }

std::size_t peak_resident_bytes() { return task().resident_size_max; }

std::string permissions(const void* address) {
    const auto at = reinterpret_cast<vm_address_t>(address);
    const Region region = region_from(at);
    if (region.bytes == 0 || region.base > at) {
        return "";
    }
    return {(region.protection & VM_PROT_READ) != 0 ? 'r' : '-',
            (region.protection & VM_PROT_WRITE) != 0 ? 'w' : '-',
            (region.protection & VM_PROT_EXECUTE) != 0 ? 'x' : '-'};
}

// macOS has no commit limit.
bool is_charged(const void* /*address*/) { return false; }

std::size_t mapping_count() {
    std::size_t count = 0;
    for (Region region = region_from(0); region.bytes != 0;
         region = region_from(region.base + region.bytes)) {
        ++count;
    }
    return count;
}

std::size_t address_space_bytes() { return task().virtual_size; }

}  // namespace probe
