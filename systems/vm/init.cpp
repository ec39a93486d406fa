// SPDX-License-Identifier: MIT
// The first and only process of an emulated machine: runs every program in /programs, says how each
// ended, and switches the machine off.

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace {

void mount_all() {
    for (const char* const folder : {"/proc", "/sys", "/dev", "/tmp"}) {
        (void)::mkdir(folder, 0755);
    }
    (void)::mount("proc", "/proc", "proc", 0, nullptr);
    (void)::mount("sys", "/sys", "sysfs", 0, nullptr);
    (void)::mount("dev", "/dev", "devtmpfs", 0, nullptr);
    (void)::mount("tmp", "/tmp", "tmpfs", 0, nullptr);
    if (const int console = ::open("/dev/console", O_RDWR); console >= 0) {
        for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
            (void)::dup2(console, stream);
        }
    }
}

/// What it exited with, or 128 and the signal that ended it.
int run(const std::string& program) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::execl(program.c_str(), program.c_str(), static_cast<char*>(nullptr));
        ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

int main() {
    mount_all();
    // The machine is nobody's: a test may set vm.overcommit_memory.
    ::setenv("MEMORY_PAGES_TEST_OVERCOMMIT", "1", 1);
    ::setenv("GTEST_BRIEF", "1", 1);
    std::printf("PAGES OF %ld\n", ::sysconf(_SC_PAGESIZE));

    std::vector<std::string> programs;
    for (const auto& entry : std::filesystem::directory_iterator("/programs")) {
        programs.push_back(entry.path());
    }
    std::ranges::sort(programs);
    for (const std::string& program : programs) {
        std::fflush(stdout);
        const int status = run(program);
        std::printf("PROGRAM %s %d\n", program.c_str(), status);
    }
    std::fflush(stdout);
    ::sync();
    ::reboot(RB_POWER_OFF);
}
