// SPDX-License-Identifier: MIT
// One mapping at a time by the ioctl PROCMAP_QUERY of /proc/self/maps (Linux 6.11), else the text
// of that file. Of both the kernel says that addresses never go backwards, whatever is mapped
// meanwhile (Documentation/filesystems/proc.rst).
#include "linux_maps.hpp"
#include "linux_refusals.hpp"
#include "os.hpp"
#include "posix.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <new>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using os::KeepErrno;
using os::RegionInfo;

/// `struct procmap_query` of linux/fs.h, newer than the headers of the oldest systems that build
/// this.
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
// For syscall(2): C libraries differ in the type of an ioctl.
constexpr unsigned long procmap_query = _IOWR('f', 17, ProcmapQuery);
constexpr std::uint64_t readable = 1;
constexpr std::uint64_t writable = 2;
constexpr std::uint64_t executable = 4;
constexpr std::uint64_t shared = 8;
constexpr std::uint64_t covering_or_next = 16;

constexpr RegionInfo none{};

}  // namespace

/// The file, and of its text what was read and not looked at, or a name.
class detail::Walk {
public:
    explicit Walk(int fd) noexcept : fd_(fd) {}
    Walk(const Walk&) = delete;
    Walk& operator=(const Walk&) = delete;
    ~Walk() { ::close(fd_); }

    Result<RegionInfo> next(std::uintptr_t address) noexcept {
        if (!is_text_) {
            ProcmapQuery query{};
            query.size = sizeof query;
            query.flags = covering_or_next;
            query.address = address;
            query.name_address = reinterpret_cast<std::uintptr_t>(text_.data());
            query.name_size = static_cast<std::uint32_t>(text_.size());
            if (::syscall(SYS_ioctl, fd_, procmap_query, &query) == 0) {
                return found(query);
            }
            if (errno == ENOENT) {
                return none;
            }
            is_text_ = true;  // An older kernel, or a name that the text has and that is too long.
        }
        return next_line(address);
    }

private:
    RegionInfo found(const ProcmapQuery& query) const noexcept {
        const auto is = [&](std::uint64_t flag) noexcept { return (query.vma_flags & flag) != 0; };
        const os::Access access = os::granted(is(readable), is(writable), is(executable));
        // The size counts the zero behind it.
        const std::string_view name(text_.data(), query.name_size == 0 ? 0 : query.name_size - 1);
        return {query.first, query.end - query.first, access,
                os::kind_of(access, is(shared), query.inode != 0, name), name};
    }

    Result<RegionInfo> next_line(std::uintptr_t address) noexcept {
        for (;;) {
            std::size_t length = line_length();
            while (length == unread().size() && length != text_.size()) {
                const Result<bool> is_more = read_more();
                if (!is_more) {
                    return std::unexpected(is_more.error());
                }
                if (!*is_more) {
                    break;
                }
                length = line_length();
            }
            if (length == 0 && unread().empty()) {
                return none;
            }
            const std::span<char> line = unread().first(length);
            const bool is_whole = length != unread().size();
            // A line that does not fit ends where the text does; the rest of it is none.
            if (const std::optional<RegionInfo> region = os::parse_maps_line(line);
                region && !is_rest_ && region->first + region->bytes > address) {
                pass(length, is_whole);
                return *region;
            }
            pass(length, is_whole);
        }
    }

    void pass(std::size_t length, bool is_whole) noexcept {
        first_ += length + (is_whole ? 1 : 0);
        is_rest_ = !is_whole;
    }

    [[nodiscard]] std::span<char> unread() noexcept {
        return std::span(text_).subspan(first_, last_ - first_);
    }
    [[nodiscard]] std::size_t line_length() noexcept {
        const std::span<char> text = unread();
        return static_cast<std::size_t>(std::ranges::find(text, '\n') - text.begin());
    }
    Result<bool> read_more() noexcept {
        std::memmove(text_.data(), text_.data() + first_, last_ - first_);
        last_ -= first_;
        first_ = 0;
        const ssize_t n = ::read(fd_, text_.data() + last_, text_.size() - last_);
        if (n < 0) {
            return os::refused();
        }
        last_ += static_cast<std::size_t>(n);
        return n != 0;
    }

    int fd_;
    bool is_text_ = false;
    bool is_rest_ = false;
    std::size_t first_ = 0;
    std::size_t last_ = 0;
    std::array<char, 8192> text_;
};

Result<detail::Walk*> os::start_walk() noexcept {
    const KeepErrno keep;
    const int fd = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return refused();
    }
    auto* const walk = new (std::nothrow) detail::Walk(fd);
    if (walk == nullptr) {
        ::close(fd);
        return std::unexpected(std::make_error_code(std::errc::not_enough_memory));
    }
    return walk;
}

Result<os::RegionInfo> os::region_from(detail::Walk& walk, std::uintptr_t address) noexcept {
    const KeepErrno keep;
    return walk.next(address);
}

void os::end_walk(detail::Walk* walk) noexcept {
    const KeepErrno keep;
    delete walk;
}

}  // namespace memory_pages

#pragma GCC visibility pop
