// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Functions as bytes, for the processor and calling convention of the tests. Defined in one .cpp
/// per calling convention.

#include <cstdint>
#include <initializer_list>
#include <vector>

namespace machine_code {

using Code = std::vector<std::uint8_t>;

/// The bytes of these words, little-endian.
[[nodiscard]] Code from_words(std::initializer_list<std::uint32_t> words);

/// `void()`: returns.
[[nodiscard]] Code nothing();

/// `std::uint32_t()`: returns `value`.
[[nodiscard]] Code constant(std::uint32_t value);

/// `std::uint64_t(std::uint64_t)`: returns its argument.
[[nodiscard]] Code identity();

/// `std::uint64_t(std::uint64_t, std::uint64_t)`: the sum.
[[nodiscard]] Code add();

/// `std::uint64_t` of a struct of two `std::uint64_t`: their sum.
[[nodiscard]] Code add_words();

/// A struct of two `std::uint64_t` to the same: the words swapped.
[[nodiscard]] Code swap_words();

/// `std::uint64_t` of six (eight) `std::uint64_t`: the number whose decimal digits they are.
[[nodiscard]] Code six_digits();
[[nodiscard]] Code eight_digits();

/// `double(double, double)`: the first minus the second.
[[nodiscard]] Code subtract_doubles();

}  // namespace machine_code
