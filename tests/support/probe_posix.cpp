// SPDX-License-Identifier: MIT
#include "support/probe.hpp"

#include "support/last_error.hpp"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace probe {
namespace {

/// A pipe: makes the kernel copy bytes.
class Pipe {
public:
    Pipe() {
        if (::pipe(ends_.data()) != 0) {
            std::perror("probe: pipe");
            std::abort();
        }
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }

    bool take_byte_from(const void* address) const { return ::write(ends_[1], address, 1) == 1; }
    bool put_byte_to(void* address) const { return ::read(ends_[0], address, 1) == 1; }

private:
    std::array<int, 2> ends_{};
};

}  // namespace

std::uint64_t page_faults() {
    rusage usage{};
    (void)::getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_minflt) +
           static_cast<std::uint64_t>(usage.ru_majflt);
}

bool advice_acts() {
    const last_error::Kept kept;
    constexpr int no_advice_of_any_system = 1000;
    void* const page =
        ::mmap(nullptr, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    const bool is_refused = ::madvise(page, page_size(), no_advice_of_any_system) != 0;
    ::munmap(page, page_size());
    return is_refused;
}

bool permissions_are_told() {
    const last_error::Kept kept;
    void* const pages = ::mmap(nullptr, 2 * page_size(), PROT_READ, MAP_PRIVATE | MAP_ANON, -1, 0);
    void* const second = static_cast<char*>(pages) + page_size();
    const bool are_told = ::mprotect(second, page_size(), PROT_EXEC) == 0 &&
                          permissions(pages) == "r--" && permissions(second) == "--x";
    ::munmap(pages, 2 * page_size());
    return are_told;
}

bool can_read(const void* address) {
    const last_error::Kept kept;
    return Pipe().take_byte_from(address);
}

bool can_write(void* address) {
    const last_error::Kept kept;
    // Writes the byte that is already there, if it can be read: nothing changes.
    const Pipe pipe;
    const char nothing = 0;
    return (pipe.take_byte_from(address) || pipe.take_byte_from(&nothing)) &&
           pipe.put_byte_to(address);
}

bool holds(const volatile void* address, std::uint8_t byte) {
    const last_error::Kept kept;
    const Pipe pipe;
    std::uint8_t found = 0;
    return pipe.take_byte_from(const_cast<const void*>(address)) && pipe.put_byte_to(&found) &&
           found == byte;
}

}  // namespace probe
