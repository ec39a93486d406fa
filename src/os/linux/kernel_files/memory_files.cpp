// SPDX-License-Identifier: MIT
// To the kernel, memory that processes share is files, on file systems that are not mounted: shmem,
// secretmem, and a hugetlbfs for each size. A new file on each tells its device number. mm/shmem.c,
// mm/secretmem.c, fs/hugetlbfs/inode.c.
#include "os/linux/kernel_files/memory_files.hpp"

#include "os/linux/errors.hpp"
#include "os/linux/kernel_files/file.hpp"
#include "os/posix/calls.hpp"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include <array>
#include <atomic>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {
namespace {

// Newer than the headers of the oldest supported systems.
constexpr unsigned close_on_exec = 1;
constexpr unsigned of_huge_pages = 4;
constexpr unsigned size_shift = 26;
constexpr long memfd_secret = 447;

constexpr unsigned smallest = 16;  // As powers of two: 64 KiB,
constexpr unsigned largest = 34;   // and 16 GiB.

/// The device of a file that was just made; nothing if this kernel cannot make one.
Result<std::optional<Device>> device_of_new(long file) noexcept {
    if (file < 0) {
        const bool is_passing = errno == EMFILE || errno == ENFILE || errno == ENOMEM;
        return is_passing ? Result<std::optional<Device>>(refused()) : std::optional<Device>();
    }
    struct stat status{};
    const bool is_told = ::fstat(static_cast<int>(file), &status) == 0;
    close_file(static_cast<int>(file));
    return is_told ? std::optional(Device{major(status.st_dev), minor(status.st_dev)})
                   : std::nullopt;
}

Result<std::optional<Device>> device_of_memfd(unsigned flags) noexcept {
    return device_of_new(::syscall(SYS_memfd_create, "memory_pages", close_on_exec | flags));
}

Result<MemoryFile> is_on(Device device, Result<std::optional<Device>> other) noexcept {
    if (!other) {
        return std::unexpected(other.error());
    }
    return *other == device ? MemoryFile::shared : MemoryFile::none;
}

/// Whether the device is one of the kernel's own for memory. Not cached: few mappings get here.
Result<MemoryFile> of_kernel(Device device, std::string_view name) noexcept {
    const Result<std::optional<Device>> shmem = device_of_memfd(0);
    if (shmem && !*shmem) {  // A kernel, or a seccomp filter, without memfd_create(2).
        return looks_like_memory(name) ? MemoryFile::shared : MemoryFile::none;
    }
    Result<MemoryFile> found = is_on(device, shmem);
    for (unsigned size = smallest; found == MemoryFile::none && size <= largest; ++size) {
        found = is_on(device, device_of_memfd(of_huge_pages | (size << size_shift)));
        if (found == MemoryFile::shared && name.starts_with("/anon_hugepage")) {
            return MemoryFile::anonymous_when_private;
        }
    }
    if (found == MemoryFile::none) {
        found = is_on(device, device_of_new(::syscall(memfd_secret, O_CLOEXEC)));
    }
    // The ring of io_setup(2). A program cannot make a file on its file system.
    const bool is_ring = found == MemoryFile::none && name == "/[aio] (deleted)";
    return is_ring ? MemoryFile::shared : found;
}

/// Whether this is the device of files of shm_open(3).
bool is_on_shm(Device device) noexcept {
    struct statfs system{};
    struct stat status{};
    return ::statfs("/dev/shm", &system) == 0 && system.f_type == TMPFS_MAGIC &&
           ::stat("/dev/shm", &status) == 0 &&
           device == Device{major(status.st_dev), minor(status.st_dev)};
}

/// Whether this is /dev/zero: null(4).
bool is_zero_device(const Mapping& mapping) noexcept {
    std::array<char, 256> path{};
    if (mapping.name.size() >= path.size()) {
        return false;
    }
    std::ranges::copy(mapping.name, path.begin());
    struct stat status{};
    return ::stat(path.data(), &status) == 0 && S_ISCHR(status.st_mode) &&
           status.st_rdev == makedev(1, 5) && status.st_ino == mapping.inode;
}

}  // namespace

Result<MemoryFile> memory_file_of(const Mapping& mapping) noexcept {
    const std::string_view name = mapping.name;
    if (!mapping.has_file()) {
        return MemoryFile::none;
    }
    if (!name.starts_with('/') &&
        !name.starts_with('(')) {  // Not a path: "anon_inode:[perf_event]".
        return MemoryFile::shared;
    }
    if (name.starts_with("/dev/shm/") && is_on_shm(mapping.device)) {
        return MemoryFile::shared;
    }
    if (mapping.device.major == 0 && name.ends_with(" (deleted)")) {
        return of_kernel(mapping.device, name);
    }
    return name.ends_with("/zero") && is_zero_device(mapping) ? MemoryFile::anonymous_when_private
                                                              : MemoryFile::none;
}

}  // namespace memory_pages::os

#pragma GCC visibility pop
