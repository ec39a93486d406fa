// SPDX-License-Identifier: MIT
#include "support/handler.hpp"
#include "support/probe.hpp"

#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace handler {
namespace {

constexpr std::uint8_t paint = 0xA5;
constexpr std::size_t fence = std::size_t{1} << 20;

Act running = nullptr;
const std::uint8_t* counted_from = nullptr;

void must(bool is_done, const char* what) {
    if (!is_done) {
        std::perror(what);
        std::abort();
    }
}

void on_signal(int /*number*/) { running(); }

}  // namespace

[[gnu::noinline]] void begin_counting() {
    counted_from = static_cast<const std::uint8_t*>(__builtin_frame_address(0));
}

Stack::Stack(std::size_t bytes)
    : whole_((bytes + probe::page_size() - 1) / probe::page_size() * probe::page_size() + fence) {
    void* const base =
        ::mmap(nullptr, whole_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    must(base != MAP_FAILED, "mmap");
    base_ = static_cast<std::uint8_t*>(base);
    must(::mprotect(base_ + fence, whole_ - fence, PROT_READ | PROT_WRITE) == 0, "mprotect");
    bytes_ = {base_ + whole_ - bytes, bytes};
}

Stack::~Stack() { ::munmap(base_, whole_); }

std::size_t Stack::used_by(Act act) const {
    std::ranges::fill(bytes_, paint);
    stack_t own{};
    own.ss_sp = bytes_.data();
    own.ss_size = bytes_.size();
    stack_t before{};
    must(::sigaltstack(&own, &before) == 0, "sigaltstack");
    struct sigaction action{};
    action.sa_handler = &on_signal;
    action.sa_flags = SA_ONSTACK;
    struct sigaction old{};
    must(::sigaction(SIGUSR1, &action, &old) == 0, "sigaction");
    running = act;
    must(std::raise(SIGUSR1) == 0, "raise");
    ::sigaction(SIGUSR1, &old, nullptr);
    ::sigaltstack(&before, nullptr);
    const auto used = std::ranges::find_if(bytes_, [](std::uint8_t byte) { return byte != paint; });
    return static_cast<std::size_t>(counted_from - &*used);
}

std::size_t least_stack() {
    constexpr unsigned long minsigstksz = 51;  // AT_MINSIGSTKSZ, since Linux 5.14.
    const auto least = static_cast<std::size_t>(MINSIGSTKSZ);
    return std::max(static_cast<std::size_t>(::getauxval(minsigstksz)), least);
}

}  // namespace handler
