// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The Darwin calls of src/os/macos/, with Darwin's constants, as a fake that runs on Linux. The
/// headers in include/ have Darwin's names and paths.

#include <cstddef>
#include <cstdint>

namespace darwin {

// -- sys/mman.h -----------------------------------------------------------------------------------

inline constexpr int prot_none = 0;
inline constexpr int prot_read = 1;
inline constexpr int prot_write = 2;
inline constexpr int prot_exec = 4;

inline constexpr int map_shared = 0x0001;
inline constexpr int map_private = 0x0002;
inline constexpr int map_fixed = 0x0010;
inline constexpr int map_jit = 0x0800;
inline constexpr int map_anon = 0x1000;

inline constexpr int madv_normal = 0;
inline constexpr int madv_random = 1;
inline constexpr int madv_sequential = 2;
inline constexpr int madv_willneed = 3;
inline constexpr int madv_dontneed = 4;
inline constexpr int madv_free = 5;
inline constexpr int madv_free_reusable = 7;
inline constexpr int madv_free_reuse = 8;

void* mmap(void* where, std::size_t bytes, int protection, int flags, int tag,
           std::int64_t offset) noexcept;
int munmap(void* base, std::size_t bytes) noexcept;
int mprotect(void* base, std::size_t bytes, int protection) noexcept;
int madvise(void* base, std::size_t bytes, int advice) noexcept;
inline constexpr char mincore_incore = 1;
int mincore(const void* base, std::size_t bytes, char* pages) noexcept;

// -- libproc.h ------------------------------------------------------------------------------------

int proc_regionfilename(int process, std::uint64_t address, void* name,
                        std::uint32_t bytes) noexcept;

// -- pthread.h, libkern/OSCacheControl.h ----------------------------------------------------------

int pthread_jit_write_protect_supported_np() noexcept;
void pthread_jit_write_protect_np(int enabled) noexcept;
void sys_icache_invalidate(void* start, std::size_t length) noexcept;

// -- mach/mach.h ----------------------------------------------------------------------------------

using kern_return_t = int;
using mach_port_t = unsigned;
using mach_msg_type_number_t = unsigned;
using thread_act_array_t = mach_port_t*;
using vm_address_t = std::uintptr_t;
using vm_size_t = std::uintptr_t;
using vm_region_info_t = int*;

inline constexpr kern_return_t kern_success = 0;
inline constexpr kern_return_t kern_invalid_address = 1;
inline constexpr kern_return_t kern_protection_failure = 2;
inline constexpr kern_return_t kern_invalid_argument = 4;
inline constexpr kern_return_t kern_aborted = 14;
inline constexpr kern_return_t kern_terminated = 37;
inline constexpr kern_return_t kern_insufficient_buffer_size = 52;
inline constexpr kern_return_t mach_send_invalid_dest = 0x10000003;

extern vm_size_t vm_page_size;

mach_port_t mach_task_self() noexcept;
struct vm_region_submap_short_info_data_64_t {
    int protection;
    int max_protection;
    unsigned inheritance;
    unsigned offset[2];
    unsigned user_tag;
    unsigned ref_count;
    unsigned short shadow_depth;
    unsigned char external_pager;
    unsigned char share_mode;
    int is_submap;
    int behavior;
    unsigned object_id;
    unsigned short user_wired_count;
};
inline constexpr mach_msg_type_number_t vm_region_submap_short_info_count_64 =
    sizeof(vm_region_submap_short_info_data_64_t) / sizeof(int);
inline constexpr int sm_private = 2;
inline constexpr int sm_shared = 4;
inline constexpr int sm_trueshared = 5;
inline constexpr int sm_shared_aliased = 7;
kern_return_t vm_region_recurse_64(mach_port_t task, vm_address_t* address, vm_size_t* size,
                                   unsigned* depth, vm_region_info_t info,
                                   mach_msg_type_number_t* count) noexcept;
inline constexpr int vm_flags_fixed = 0x0000;
inline constexpr int vm_flags_overwrite = 0x4000;
inline constexpr unsigned vm_inherit_share = 0;
inline constexpr unsigned vm_inherit_copy = 1;
inline constexpr unsigned vm_inherit_default = vm_inherit_copy;
kern_return_t vm_remap(mach_port_t task, vm_address_t* target, vm_size_t size, vm_address_t mask,
                       int flags, mach_port_t source_task, vm_address_t source, int copy,
                       int* protection, int* max_protection, unsigned inheritance) noexcept;
kern_return_t vm_deallocate(mach_port_t task, vm_address_t address, vm_size_t size) noexcept;
kern_return_t task_threads(mach_port_t task, thread_act_array_t* threads,
                           mach_msg_type_number_t* count) noexcept;
kern_return_t mach_port_deallocate(mach_port_t task, mach_port_t name) noexcept;
kern_return_t thread_get_register_pointer_values(mach_port_t thread, std::uintptr_t* stack,
                                                 std::size_t* length,
                                                 std::uintptr_t* values) noexcept;

}  // namespace darwin
