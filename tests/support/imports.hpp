// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What this program calls of Windows, replaced by functions of a test: Windows' seccomp. A program
/// calls other libraries through a table of addresses that it can write to.

namespace imports {

/// Where the address of the function that is imported by this name stands. Aborts where none is.
[[nodiscard]] void** cell_of(const char* name);

void set(void** cell, void* function);

/// The function itself: its address as C++ has it may be that of a jump through the table.
template <class Function>
[[nodiscard]] Function* imported(const char* name) {
    return reinterpret_cast<Function*>(*cell_of(name));
}

/// Calls of the function `name` go to another one, while this lives.
template <class Function>
class Replaced {
public:
    Replaced(const char* name, Function* by)
        : cell_(cell_of(name)), before_(imported<Function>(name)) {
        set(cell_, reinterpret_cast<void*>(by));
    }
    Replaced(const Replaced&) = delete;
    Replaced& operator=(const Replaced&) = delete;
    ~Replaced() { set(cell_, reinterpret_cast<void*>(before_)); }

private:
    void** cell_;
    Function* before_;
};

}  // namespace imports
