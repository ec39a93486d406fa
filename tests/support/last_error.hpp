// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The error of the last refused call of this thread: `errno`, on Windows `GetLastError()`.

namespace last_error {

[[nodiscard]] int get();
void set(int error);

/// Restores the last error at its end, for calls that may be refused.
class Kept {
public:
    Kept() : error_(get()) {}
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;
    ~Kept() { set(error_); }

private:
    int error_;
};

}  // namespace last_error
