// SPDX-License-Identifier: MIT
#include "support/process.hpp"

#include "support/windows_api.hpp"

#include <fcntl.h>
#include <io.h>
#include <psapi.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace process {
namespace {

/// An exception code, which is also the exit code of the process that it ends.
struct Fault {
    DWORD code;
    int signal;
    const char* name;
};
constexpr DWORD aborted = 0x40000015;  // STATUS_FATAL_APP_EXIT
constexpr auto faults = std::to_array<Fault>({
    {EXCEPTION_ACCESS_VIOLATION, SIGSEGV, "Access violation"},
    {EXCEPTION_STACK_OVERFLOW, SIGSEGV, "Stack overflow"},
    {EXCEPTION_ILLEGAL_INSTRUCTION, SIGILL, "Illegal instruction"},
    {EXCEPTION_PRIV_INSTRUCTION, SIGILL, "Privileged instruction"},
    {EXCEPTION_BREAKPOINT, SIGILL, "Breakpoint"},
    {aborted, SIGABRT, "Aborted"},
});

const Fault* fault_of(DWORD code) {
    for (const Fault& fault : faults) {
        if (fault.code == code) {
            return &fault;
        }
    }
    return nullptr;
}

Outcome outcome_of(DWORD code) {
    if (const Fault* const fault = fault_of(code)) {
        return {.signal = fault->signal, .killer = fault->name};
    }
    return {.status = static_cast<int>(code)};
}

/// The thread that runs code that may crash; 0 if there is none.
std::atomic<DWORD> thread_apart = 0;

/// Ends the thread instead of the process.
LONG CALLBACK end_thread_on_fault(EXCEPTION_POINTERS* pointers) {
    const DWORD code = pointers->ExceptionRecord->ExceptionCode;
    if (thread_apart == ::GetCurrentThreadId() && fault_of(code) != nullptr) {
        ::ExitThread(code);
    }
    return EXCEPTION_CONTINUE_SEARCH;
}

void end_thread_on_abort(int) {
    if (thread_apart == ::GetCurrentThreadId()) {
        ::ExitThread(aborted);
    }
}

DWORD WINAPI run(void* act) {
    thread_apart = ::GetCurrentThreadId();
    (*static_cast<const std::function<void()>*>(act))();
    return EXIT_SUCCESS;
}

/// A pipe with one end for a child.
struct Pipe {
    Pipe() {
        constexpr DWORD room = 65536;
        if (!::CreatePipe(&reading, &writing, nullptr, room)) {
            std::fprintf(stderr, "process: CreatePipe: error %lu\n", ::GetLastError());
            std::abort();
        }
    }
    HANDLE reading = nullptr;
    HANDLE writing = nullptr;
};

HANDLE inherited(HANDLE handle) {
    (void)::SetHandleInformation(handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    return handle;
}

/// Quotes a word for a command line: "Parsing C Command-Line Arguments".
std::string quoted(const std::string& word) {
    std::string result = "\"";
    std::size_t backslashes = 0;
    for (const char c : word) {
        if (c == '"') {
            result.append(backslashes + 1, '\\');
        }
        backslashes = c == '\\' ? backslashes + 1 : 0;
        result += c;
    }
    result.append(backslashes, '\\');
    return result + '"';
}

bool is_terminal(DWORD stream) {
    DWORD mode = 0;
    return ::GetConsoleMode(::GetStdHandle(stream), &mode) &&
           (mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0;
}

HANDLE handle_of(std::intptr_t id) { return reinterpret_cast<HANDLE>(id); }

}  // namespace

Outcome run_apart(const std::function<void()>& act) {
    std::fflush(nullptr);
    void* const handler = ::AddVectoredExceptionHandler(1, end_thread_on_fault);
    const auto abort_before = std::signal(SIGABRT, end_thread_on_abort);
    const HANDLE thread =
        ::CreateThread(nullptr, 0, run, const_cast<std::function<void()>*>(&act), 0, nullptr);
    (void)::WaitForSingleObject(thread, INFINITE);
    DWORD code = EXIT_FAILURE;
    (void)::GetExitCodeThread(thread, &code);
    (void)::CloseHandle(thread);
    thread_apart = 0;
    (void)std::signal(SIGABRT, abort_before);
    (void)::RemoveVectoredExceptionHandler(handler);
    return outcome_of(code);
}

Child::Child(const std::string& program, const std::vector<std::string>& arguments,
             std::string_view input, Errors errors) {
    std::string line = quoted(program);
    for (const std::string& argument : arguments) {
        line += ' ' + quoted(argument);
    }
    const Pipe in;
    const Pipe out;
    STARTUPINFOA start{};
    start.cb = sizeof start;
    start.dwFlags = STARTF_USESTDHANDLES;
    start.hStdInput = inherited(in.reading);
    start.hStdOutput = inherited(out.writing);
    start.hStdError =
        errors == Errors::capture ? start.hStdOutput : ::GetStdHandle(STD_ERROR_HANDLE);
    PROCESS_INFORMATION process{};
    if (::CreateProcessA(nullptr, line.data(), nullptr, nullptr, TRUE, 0, nullptr, nullptr, &start,
                         &process)) {
        id_ = reinterpret_cast<std::intptr_t>(process.hProcess);
        (void)::CloseHandle(process.hThread);
        DWORD written = 0;
        (void)::WriteFile(in.writing, input.data(), static_cast<DWORD>(input.size()), &written,
                          nullptr);
    } else {
        outcome_.status = 127;
    }
    for (const HANDLE end : {in.reading, in.writing, out.writing}) {
        (void)::CloseHandle(end);
    }
    output_ = ::_open_osfhandle(reinterpret_cast<std::intptr_t>(out.reading), _O_RDONLY | _O_TEXT);
}

Child::~Child() {
    (void)::_close(output_);
    (void)wait();
}

bool Child::read(std::string& output, std::chrono::milliseconds patience) {
    // An anonymous pipe cannot be waited for.
    const auto end = std::chrono::steady_clock::now() + patience;
    DWORD there = 0;
    while (there == 0) {
        if (!::PeekNamedPipe(handle_of(::_get_osfhandle(output_)), nullptr, 0, nullptr, &there,
                             nullptr)) {
            return false;
        }
        if (there == 0 && std::chrono::steady_clock::now() >= end) {
            return true;
        }
        if (there == 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    std::array<char, 4096> text{};
    const int n = ::_read(output_, text.data(), static_cast<unsigned>(text.size()));
    output.append(text.data(), static_cast<std::size_t>(n < 0 ? 0 : n));
    return n > 0;
}

std::size_t Child::resident_bytes() const {
    PROCESS_MEMORY_COUNTERS counters{};
    return ::GetProcessMemoryInfo(handle_of(id_), &counters, sizeof counters)
               ? counters.WorkingSetSize
               : 0;
}

Outcome Child::wait() {
    if (id_ != -1) {
        (void)::WaitForSingleObject(handle_of(id_), INFINITE);
        DWORD code = EXIT_FAILURE;
        (void)::GetExitCodeProcess(handle_of(id_), &code);
        (void)::CloseHandle(handle_of(id_));
        outcome_ = outcome_of(code);
        id_ = -1;
    }
    return outcome_;
}

std::string own_path() {
    std::array<char, MAX_PATH> path{};
    const DWORD length = ::GetModuleFileNameA(nullptr, path.data(), MAX_PATH);
    return {path.data(), length};
}

bool output_is_terminal() { return is_terminal(STD_OUTPUT_HANDLE); }
bool errors_are_terminal() { return is_terminal(STD_ERROR_HANDLE); }

}  // namespace process
