// SPDX-License-Identifier: MIT
#include "support/child.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace child {
namespace {

void flush_all() {
    std::cout.flush();
    std::fflush(nullptr);
}

}  // namespace

testing::AssertionResult passes(const std::function<void()>& act) {
    flush_all();
    const pid_t pid = ::fork();
    if (pid == 0) {
        act();
        flush_all();
        std::exit(testing::Test::HasFailure() ? EXIT_FAILURE : EXIT_SUCCESS);
    }
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) {
        return testing::AssertionFailure() << "killed by signal " << WTERMSIG(status);
    }
    if (WEXITSTATUS(status) != EXIT_SUCCESS) {
        return testing::AssertionFailure() << "exit status " << WEXITSTATUS(status);
    }
    return testing::AssertionSuccess();
}

}  // namespace child
