// SPDX-License-Identifier: MIT
#include "support/child.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace child {
namespace {

void flush_all() {
    std::cout.flush();
    std::fflush(nullptr);
}

/// The wait status of a child that runs `act`, which must not return.
int status_of(const std::function<void()>& act) {
    flush_all();
    const pid_t pid = ::fork();
    if (pid == 0) {
        act();
        std::abort();
    }
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

}  // namespace

testing::AssertionResult passes(const std::function<void()>& act) {
    const int status = status_of([&] {
        act();
        flush_all();
        std::exit(testing::Test::HasFailure() ? EXIT_FAILURE : EXIT_SUCCESS);
    });
    if (WIFSIGNALED(status)) {
        return testing::AssertionFailure() << "killed by signal " << WTERMSIG(status);
    }
    if (WEXITSTATUS(status) != EXIT_SUCCESS) {
        return testing::AssertionFailure() << "exit status " << WEXITSTATUS(status);
    }
    return testing::AssertionSuccess();
}

int signal_of(const std::function<void()>& act) {
    const int status = status_of([&] {
        const rlimit no_core{0, 0};
        (void)::setrlimit(RLIMIT_CORE, &no_core);
        for (const int number : std::array{SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT}) {
            (void)std::signal(number, SIG_DFL);
        }
        act();
        ::_exit(EXIT_SUCCESS);
    });
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

}  // namespace child
