// SPDX-License-Identifier: MIT
#pragma once

#include <fake_darwin/darwin.hpp>

using darwin::kern_return_t;
using darwin::mach_msg_type_number_t;
using darwin::mach_port_t;
using darwin::thread_act_array_t;
using darwin::vm_address_t;
using darwin::vm_region_info_t;
using darwin::vm_region_submap_short_info_data_64_t;
using vm_region_recurse_info_t = vm_region_info_t;
using natural_t = unsigned;
using vm_prot_t = int;
using darwin::vm_size_t;

inline constexpr kern_return_t KERN_SUCCESS = darwin::kern_success;
inline constexpr kern_return_t KERN_INVALID_ADDRESS = darwin::kern_invalid_address;
inline constexpr kern_return_t KERN_INVALID_ARGUMENT = darwin::kern_invalid_argument;
inline constexpr kern_return_t KERN_TERMINATED = darwin::kern_terminated;
inline constexpr kern_return_t KERN_INSUFFICIENT_BUFFER_SIZE =
    darwin::kern_insufficient_buffer_size;
inline constexpr kern_return_t MACH_SEND_INVALID_DEST = darwin::mach_send_invalid_dest;
inline constexpr mach_port_t MACH_PORT_NULL = 0;
inline constexpr int VM_FLAGS_FIXED = darwin::vm_flags_fixed;
inline constexpr int VM_FLAGS_OVERWRITE = darwin::vm_flags_overwrite;
inline constexpr unsigned VM_INHERIT_SHARE = darwin::vm_inherit_share;
inline constexpr unsigned VM_INHERIT_DEFAULT = darwin::vm_inherit_default;
inline constexpr int VM_PROT_NONE = darwin::prot_none;
inline constexpr int VM_PROT_READ = darwin::prot_read;
inline constexpr int VM_PROT_WRITE = darwin::prot_write;
inline constexpr int VM_PROT_EXECUTE = darwin::prot_exec;
inline constexpr int SM_SHARED = darwin::sm_shared;
inline constexpr int SM_TRUESHARED = darwin::sm_trueshared;
inline constexpr int SM_SHARED_ALIASED = darwin::sm_shared_aliased;
inline constexpr mach_msg_type_number_t VM_REGION_SUBMAP_SHORT_INFO_COUNT_64 =
    darwin::vm_region_submap_short_info_count_64;

using darwin::mach_port_deallocate;
using darwin::mach_task_self;
using darwin::task_threads;
using darwin::vm_deallocate;
using darwin::vm_page_size;
using darwin::vm_region_recurse_64;
using darwin::vm_remap;
