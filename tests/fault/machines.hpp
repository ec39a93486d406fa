// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Tests on every kind of machine, with every call refused in turn.

#include "fake_os/fake_os.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <optional>
#include <ostream>
#include <string>
#include <system_error>

namespace fake {

/// All page sizes, a coarse granularity, and a system that can neither resize nor move.
inline const std::array every_machine = {
    Machine{.page_size = 4096},
    Machine{.page_size = 16384, .granularity = 16384},
    Machine{.page_size = 65536, .granularity = 65536},
    Machine{.page_size = 4096,
            .granularity = 65536,
            .can_resize = false,
            .can_move = false,
            .has_guard_markers = false},
};

inline std::string name_of(const Machine& machine) {
    return std::to_string(machine.page_size / 1024) + "K" +
           (machine.granularity == machine.page_size ? "" : "Coarse") +
           (machine.can_move ? "" : "Plain");
}
inline std::string name_of_machine(const testing::TestParamInfo<Machine>& machine) {
    return name_of(machine.param);
}
/// How GoogleTest prints a machine.
inline void PrintTo(const Machine& machine, std::ostream* out) { *out << name_of(machine); }

/// A test on one machine. At its end everything must have been released.
class EveryMachine : public testing::TestWithParam<Machine> {
protected:
    EveryMachine() { boot(GetParam()); }
    ~EveryMachine() override { EXPECT_EQ(areas_left(), 0U) << "not given back"; }

    static std::size_t page() { return GetParam().page_size; }
};

/// The error of refused calls in these tests: none that the library itself returns.
inline const std::error_code refusal = std::make_error_code(std::errc::device_or_resource_busy);

/// For each call that `operate` makes: refuses it, and has `check` inspect the object, which `make`
/// makes anew. `operate` and `check` take the object; `operate` returns the error, which `check`
/// gets. Returns the number of calls.
template <class Make, class Operate, class Check>
std::size_t refuse_each_call(Make make, Operate operate, Check check, Failure failure = {}) {
    constexpr std::size_t far_too_many = 1000;
    failure.error = refusal;
    for (std::size_t nth = 1; nth < far_too_many; ++nth) {
        auto object = make();
        failure.nth = nth;
        fail(failure);
        const std::error_code error = operate(object);
        const std::optional<Verb> refused = stop_failing();
        const testing::ScopedTrace trace(__FILE__, __LINE__,
                                         "call " + std::to_string(nth) + ", " +
                                             (refused ? name_of(*refused) : "none") + " refused");
        EXPECT_TRUE(!error || error == refusal) << error;
        check(object, error);
        // Without exceptions the failure happens in a child, and nothing was refused here.
        if (!refused && !error) {
            return nth - 1;
        }
    }
    ADD_FAILURE() << "fails without a reason";
    return far_too_many;
}

}  // namespace fake
