// SPDX-License-Identifier: MIT
// The first process of an emulated machine: runs every program in /programs, says how each ended,
// and switches the machine off.

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr std::chrono::seconds patience(900);
constexpr int usual_mappings = 65530;
constexpr int few_mappings = 6000;

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

/// How many mappings a program may have. Emulated, to reach the usual limit takes minutes.
void limit_mappings(int count) {
    std::ofstream("/proc/sys/vm/max_map_count") << count << std::flush;
}

/// What it exited with, or 128 and the signal that ended it: one that hangs is killed.
int run(const std::string& program) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::execl(program.c_str(), program.c_str(), static_cast<char*>(nullptr));
        ::_exit(127);
    }
    const auto end = std::chrono::steady_clock::now() + patience;
    int status = 0;
    while (::waitpid(child, &status, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > end) {
            ::kill(-1, SIGKILL);  // Everybody but this process, so the program's children too.
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

int main() {
    mount_all();
    // The machine is nobody's: a test may set vm.overcommit_memory.
    ::setenv("MEMORY_PAGES_TEST_OVERCOMMIT", "1", 1);
    ::setenv("GTEST_COLOR", "no", 1);
    std::printf("\nPAGES OF %ld\n", ::sysconf(_SC_PAGESIZE));

    std::vector<std::string> programs;
    for (const auto& entry : std::filesystem::directory_iterator("/programs")) {
        programs.push_back(entry.path().filename());
    }
    std::ranges::sort(programs);
    for (const std::string& program : programs) {
        std::printf("PROGRAM %s\n", program.c_str());
        std::fflush(stdout);
        const bool runs_into_it = program.starts_with("limits_") || program.starts_with("seccomp_");
        limit_mappings(runs_into_it ? few_mappings : usual_mappings);
        const int status = run("/programs/" + program);
        std::printf("\nEXIT %d\n", status);
        std::fflush(stdout);
    }
    ::sync();
    ::reboot(RB_POWER_OFF);
}
