// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Replaces imported Windows functions by functions of a test, as seccomp does on Linux. A program
/// calls other libraries through a writable table of addresses.

namespace imports {

/// The table entry of the function imported by this name. Aborts if there is none.
[[nodiscard]] void** cell_of(const char* name);

void set(void** cell, void* function);

/// The function itself: its C++ address may be that of a jump through the table.
template <class Function>
[[nodiscard]] Function* imported(const char* name) {
    return reinterpret_cast<Function*>(*cell_of(name));
}

/// Redirects calls of the function `name` to another function, while this object exists.
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
