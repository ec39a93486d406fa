// SPDX-License-Identifier: MIT
// resident.cpp has the rest of the subject.
//
// Reads one mapping at a time with the ioctl PROCMAP_QUERY on /proc/self/maps (Linux 6.11), else
// the text of that file. For both the kernel guarantees that addresses never go backwards, whatever
// is mapped meanwhile (Documentation/filesystems/proc.rst).
#include "os/query.hpp"
#include "os/heap.hpp"
#include "os/linux/errors.hpp"
#include "os/linux/kernel_files/file.hpp"
#include "os/linux/kernel_files/maps.hpp"
#include "os/linux/kernel_files/memory_files.hpp"
#include "os/posix/calls.hpp"

#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using os::KeepErrno;
using os::RegionInfo;

/// `struct procmap_query` of linux/fs.h, newer than the headers of the oldest supported systems.
struct ProcmapQuery {
    std::uint64_t size;
    std::uint64_t flags;
    std::uint64_t address;
    std::uint64_t first;
    std::uint64_t end;
    std::uint64_t vma_flags;
    std::uint64_t page_size;
    std::uint64_t offset;
    std::uint64_t inode;
    std::uint32_t device_major;
    std::uint32_t device_minor;
    std::uint32_t name_size;
    std::uint32_t build_id_size;
    std::uint64_t name_address;
    std::uint64_t build_id_address;
};
// For syscall(2): the type of an ioctl request differs between C libraries.
constexpr unsigned long procmap_query = _IOWR('f', 17, ProcmapQuery);
constexpr std::uint64_t readable = 1;
constexpr std::uint64_t writable = 2;
constexpr std::uint64_t executable = 4;
constexpr std::uint64_t shared = 8;
constexpr std::uint64_t covering_or_next = 16;

constexpr RegionInfo none{};

/// Reads the file. The buffer holds its text that is not parsed yet, or a name.
class Reader {
public:
    Reader(int fd, std::span<char> text) noexcept : fd_(fd), text_(text) {}
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() { os::close_file(fd_); }

    os::Result<RegionInfo> next(std::uintptr_t address) noexcept {
        if (!is_text_) {
            ProcmapQuery query{};
            if (ask(query, address)) {
                return found(query);
            }
            if (errno == ENOENT) {
                return ask(query, 0) ? none : nothing_at_all();
            }
            // An older kernel, or a name that is too long for this but fits the text.
            if (!os::is_unknown_call() && errno != ENOTTY && errno != ENAMETOOLONG) {
                return os::refused();
            }
            is_text_ = true;
        }
        return next_line(address);
    }

private:
    /// The mapping at an address, or else the next one.
    bool ask(ProcmapQuery& query, std::uintptr_t address) noexcept {
        query.size = sizeof query;
        query.flags = covering_or_next;
        query.address = address;
        query.name_address = reinterpret_cast<std::uintptr_t>(text_.data());
        query.name_size = static_cast<std::uint32_t>(text_.size());
        return ::syscall(SYS_ioctl, fd_, procmap_query, &query) == 0;
    }

    /// This code is mapped, so a file without mappings is no longer that of this process.
    static os::Result<RegionInfo> nothing_at_all() noexcept {
        return std::unexpected(os::Error::no_such_process);
    }

    os::Result<RegionInfo> found(const ProcmapQuery& query) const noexcept {
        const auto is = [&](std::uint64_t flag) noexcept { return (query.vma_flags & flag) != 0; };
        // The size includes the terminating zero.
        const std::string_view name(text_.data(), query.name_size == 0 ? 0 : query.name_size - 1);
        return region_of({query.first,
                          query.end,
                          os::granted(is(readable), is(writable), is(executable)),
                          is(shared),
                          {query.device_major, query.device_minor},
                          query.inode,
                          name});
    }

    static os::Result<RegionInfo> region_of(const os::Mapping& mapping) noexcept {
        const os::Result<os::MemoryFile> file = os::memory_file_of(mapping);
        if (!file) {
            return std::unexpected(file.error());
        }
        return RegionInfo{mapping.first, mapping.end - mapping.first, mapping.access,
                          os::kind_of(mapping, *file), mapping.name};
    }

    os::Result<RegionInfo> next_line(std::uintptr_t address) noexcept {
        for (;;) {
            std::size_t length = line_length();
            while (length == unread().size() && length != text_.size()) {
                const os::Result<bool> is_more = read_more();
                if (!is_more) {
                    return std::unexpected(is_more.error());
                }
                if (!*is_more) {
                    break;
                }
                length = line_length();
            }
            if (length == 0 && unread().empty()) {
                return is_anything_seen_ ? none : nothing_at_all();
            }
            const std::span<char> line = unread().first(length);
            const bool is_whole = length != unread().size();
            // A line longer than the buffer is cut at its end; skips the rest of it.
            const std::optional<os::Mapping> mapping =
                is_rest_ ? std::nullopt : os::parse_maps_line({line.data(), line.size()});
            if (!mapping && !is_rest_) {
                return std::unexpected(os::Error::io_error);
            }
            if (mapping && mapping->end > address) {
                os::Result<RegionInfo> region = region_of(*mapping);
                if (region) {
                    const std::span<char> name = line.last(mapping->name.size());
                    region->name = os::unescaped(is_whole ? name : os::without_part(name));
                    pass(length, is_whole);
                }
                return region;
            }
            pass(length, is_whole);
        }
    }

    void pass(std::size_t length, bool is_whole) noexcept {
        is_anything_seen_ = true;
        first_ += length + (is_whole ? 1 : 0);
        is_rest_ = !is_whole;
    }

    [[nodiscard]] std::span<char> unread() noexcept {
        return text_.subspan(first_, last_ - first_);
    }
    [[nodiscard]] std::size_t line_length() noexcept {
        const std::span<char> text = unread();
        return static_cast<std::size_t>(std::ranges::find(text, '\n') - text.begin());
    }
    os::Result<bool> read_more() noexcept {
        std::memmove(text_.data(), text_.data() + first_, last_ - first_);
        last_ -= first_;
        first_ = 0;
        const std::ptrdiff_t n = os::read_file(fd_, text_.subspan(last_));
        if (n < 0) {
            return os::refused();
        }
        last_ += static_cast<std::size_t>(n);
        return n != 0;
    }

    int fd_;
    bool is_text_ = false;
    bool is_rest_ = false;
    bool is_anything_seen_ = false;  ///< In the text form.
    std::size_t first_ = 0;
    std::size_t last_ = 0;
    std::span<char> text_;
};

}  // namespace

class detail::Walk {
public:
    explicit Walk(int fd) noexcept : reader_(fd, text_) {}

    os::Result<RegionInfo> next(std::uintptr_t address) noexcept { return reader_.next(address); }

private:
    // Zeros for valgrind, which does not know that the kernel writes there.
    std::array<char, 8192> text_{};
    Reader reader_;
};

os::Result<detail::Walk*> os::start_walk() noexcept {
    const KeepErrno keep;
    const int fd = open_file("/proc/self/maps");
    if (fd < 0) {
        return refused();
    }
    auto* const walk = os::create<detail::Walk>(fd);
    if (walk == nullptr) {
        close_file(fd);
        return std::unexpected(os::Error::not_enough_memory);
    }
    return walk;
}

os::Result<os::RegionInfo> os::region_from(detail::Walk& walk, std::uintptr_t address) noexcept {
    const KeepErrno keep;
    return walk.next(address);
}

void os::end_walk(detail::Walk* walk) noexcept {
    const KeepErrno keep;
    os::destroy(walk);
}

os::Result<os::RegionInfo> os::region_at(std::uintptr_t address, std::span<char> name) noexcept {
    const KeepErrno keep;
    const int fd = open_file("/proc/self/maps");
    if (fd < 0) {
        return refused();
    }
    // Enough for a line up to its name. Zeros as above.
    std::array<char, 256> line{};
    std::ranges::fill(name, '\0');
    Reader reader(fd, name.size() > line.size() ? name : std::span<char>(line));
    Result<RegionInfo> region = reader.next(address);
    if (region) {
        region->name = moved_into(name, region->name);
    }
    return region;
}

}  // namespace memory_pages

#pragma GCC visibility pop
