// SPDX-License-Identifier: MIT
#include "support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" char** environ;  // environ(7): programs declare it themselves.

namespace process {
namespace {

Outcome outcome_of(pid_t id) {
    int status = 0;
    while (::waitpid(id, &status, 0) < 0) {
        if (errno != EINTR) {
            return {.killer = std::strerror(errno)};
        }
    }
    if (WIFEXITED(status)) {
        return {.status = WEXITSTATUS(status)};
    }
    return {.signal = WTERMSIG(status), .killer = ::strsignal(WTERMSIG(status))};
}

/// Programs that are started inherit neither end.
std::array<int, 2> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0 || ::fcntl(ends[0], F_SETFD, FD_CLOEXEC) != 0 ||
        ::fcntl(ends[1], F_SETFD, FD_CLOEXEC) != 0) {
        std::perror("process: pipe");
        std::abort();
    }
    return ends;
}

}  // namespace

Outcome run_apart(const std::function<void()>& act) {
    std::fflush(nullptr);
    const pid_t id = ::fork();
    if (id == 0) {
        const rlimit no_core{0, 0};
        (void)::setrlimit(RLIMIT_CORE, &no_core);
        for (const int number : std::array{SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT}) {
            (void)std::signal(number, SIG_DFL);
        }
        act();
        ::_exit(EXIT_SUCCESS);
    }
    return outcome_of(id);
}

Child::Child(const std::string& program, const std::vector<std::string>& arguments,
             std::string_view input, Errors errors) {
    std::vector<std::string> words{program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv(words.size() + 1);  // The last one stays null.
    std::ranges::transform(words, argv.begin(), [](std::string& word) { return word.data(); });

    const std::array<int, 2> in = make_pipe();
    const std::array<int, 2> out = make_pipe();
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    if (errors == Errors::capture) {
        ::posix_spawn_file_actions_adddup2(&actions, out[1], STDERR_FILENO);
    }
    pid_t id = -1;
    if (::posix_spawnp(&id, program.c_str(), &actions, nullptr, argv.data(), environ) == 0) {
        id_ = id;
        // `in[0]` is still open here, so that a child that has ended causes no SIGPIPE.
        (void)!::write(in[1], input.data(), input.size());
    } else {
        outcome_.status = 127;
    }
    ::posix_spawn_file_actions_destroy(&actions);
    for (const int end : {in[0], in[1], out[1]}) {
        ::close(end);
    }
    output_ = out[0];
}

Child::~Child() {
    ::close(output_);
    (void)wait();
}

bool Child::read(std::string& output, std::chrono::milliseconds patience) {
    pollfd wanted{.fd = output_, .events = POLLIN, .revents = 0};
    if (::poll(&wanted, 1, static_cast<int>(patience.count())) <= 0) {
        return true;
    }
    std::array<char, 4096> text{};
    const ssize_t n = ::read(output_, text.data(), text.size());
    if (n > 0) {
        output.append(text.data(), static_cast<std::size_t>(n));
    }
    return n > 0 || (n < 0 && errno == EINTR);
}

Outcome Child::wait() {
    if (id_ >= 0) {
        outcome_ = outcome_of(static_cast<pid_t>(id_));
        id_ = -1;
    }
    return outcome_;
}

bool output_is_terminal() { return ::isatty(STDOUT_FILENO) != 0; }
bool errors_are_terminal() { return ::isatty(STDERR_FILENO) != 0; }

}  // namespace process
