// SPDX-License-Identifier: MIT
#pragma once

#include <mach/mach.h>

#include <cstddef>

/// MiB of physical memory behind this process.
inline std::size_t resident() {
    mach_task_basic_info info{};
    mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
    (void)::task_info(::mach_task_self(), MACH_TASK_BASIC_INFO,
                      reinterpret_cast<task_info_t>(&info), &count);
    return static_cast<std::size_t>(info.resident_size >> 20);
}
