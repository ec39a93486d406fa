// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The state of the fake system, and checks of preconditions.

#include "fake_os/fake_os.hpp"

#include "os/types.hpp"

#include <cerrno>
#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#pragma GCC visibility push(hidden)

namespace fake {

using memory_pages::PageError;
namespace os = memory_pages::os;
using memory_pages::allows;
using memory_pages::os::Charge;

struct Page {
    bool is_in_use = false;
    Access access = Access::none;
    bool is_guard = false;

    /// The access that the processor grants.
    [[nodiscard]] Access allowed() const { return is_guard ? Access::none : access; }
};

/// A mapping or a reservation, or the rest of one after `move`.
struct Area {
    bool is_reservation = false;
    Charge charge = Charge::charged;
    std::vector<Page> pages;
    bool is_huge = false;
    std::size_t parts = 1;

    [[nodiscard]] std::size_t bytes() const;
};

/// Memory of the real system, most of it inaccessible. Freed by the next `boot`.
struct Backing {
    void* base;
    std::size_t bytes;
};

struct State {
    Machine machine;
    std::map<std::byte*, Area> areas;
    std::vector<Backing> backings;
    std::vector<Call> calls;
    std::optional<Failure> failure;
    std::optional<Verb> failed;
    bool is_writing = false;
    std::size_t times_begun = 0;
    void* thread_value = nullptr;
    std::size_t walks = 0;
    std::size_t allocations_left = 0;  ///< Until one is refused; 0: none is.
};

/// Never destroyed: pages may be static objects.
[[nodiscard]] State& state();

[[nodiscard]] std::size_t page();

[[noreturn]] void stop(Verb verb, const char* what);

void require(bool holds, Verb verb, const char* what);

/// Restores errno at its end: every verb keeps errno.
class KeepErrno {
public:
    KeepErrno() noexcept : value_(errno) {}
    KeepErrno(const KeepErrno&) = delete;
    KeepErrno& operator=(const KeepErrno&) = delete;
    ~KeepErrno() { errno = value_; }

private:
    int value_;
};

}  // namespace fake

#pragma GCC visibility pop
