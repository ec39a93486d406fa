// SPDX-License-Identifier: MIT
#include "support/seccomp.hpp"

#include "support/process.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace seccomp {
namespace {

constexpr sock_filter statement(unsigned code, std::uint32_t k) {
    return {static_cast<std::uint16_t>(code), 0, 0, k};
}

/// Continues if the loaded word is `k`, else skips the next `skipped` instructions.
constexpr sock_filter unless_equal_skip(std::uint32_t k, std::uint8_t skipped) {
    return {BPF_JMP | BPF_JEQ | BPF_K, 0, skipped, k};
}

/// The offset of the low half of an argument in the filter's data.
constexpr std::uint32_t offset_of_argument(int argument) {
    const std::size_t low_half = std::endian::native == std::endian::little ? 0 : 4;
    return static_cast<std::uint32_t>(offsetof(seccomp_data, args) +
                                      static_cast<std::size_t>(argument) * sizeof(std::uint64_t) +
                                      low_half);
}

bool install(const Calls& calls, int error) {
    const bool any = calls.argument < 0;
    std::vector<sock_filter> program = {
        statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        unless_equal_skip(static_cast<std::uint32_t>(calls.number), any ? 1 : 4),
    };
    if (!any) {
        program.push_back(statement(BPF_LD | BPF_W | BPF_ABS, offset_of_argument(calls.argument)));
        program.push_back(statement(BPF_ALU | BPF_AND | BPF_K, calls.mask));
        program.push_back(unless_equal_skip(calls.value, 1));
    }
    program.push_back(
        statement(BPF_RET | BPF_K,
                  SECCOMP_RET_ERRNO | (static_cast<std::uint32_t>(error) & SECCOMP_RET_DATA)));
    program.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    const sock_fprog filter = {static_cast<unsigned short>(program.size()), program.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

}  // namespace

void refuse(const Calls& calls, int error) {
    if (!install(calls, error)) {
        std::perror("seccomp");
        std::abort();
    }
}

void refuse_opening(int error) {
    refuse({.number = SYS_openat}, error);
#ifdef SYS_open  // Only older processors have it.
    refuse({.number = SYS_open}, error);
#endif
}

bool is_available() {
    // An emulator may accept a filter and ignore it.
    const process::Outcome outcome = process::run_apart([] {
        if (!install({.number = SYS_getppid}, ERANGE) || ::syscall(SYS_getppid) != -1 ||
            errno != ERANGE) {
            std::abort();
        }
    });
    return outcome.succeeded();
}

}  // namespace seccomp
