// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The tests of what `src/os/<subject>.hpp` promise, in `<subject>_test.cpp`, for the linked
/// system: the real one or a fake one. `OsMemory` measures memory, and `OsThreads` needs threads,
/// which the fake system below the library lacks.

#include "os/code.hpp"
#include "os/memory.hpp"
#include "os/reserve.hpp"
#include "support/enumerators.hpp"
#include "support/last_error.hpp"
#include "support/probe.hpp"

#include <memory_pages/feature.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <system_error>

namespace contract {

using namespace memory_pages;
using os::Access;

using os::Charge;

inline constexpr std::array every_access = enumerators::every<Access>;

/// Whether pages with this access are possible here, mapped or changed later.
[[nodiscard]] inline bool can_be_mapped(Access access) {
    return !allows(access, Access::write_exec) || is_supported(Feature::write_exec);
}

[[nodiscard]] inline bool can_be_set(Access access) {
    return !allows(access, Access::write_exec) || is_supported(Feature::becoming_write_exec);
}

/// Checks that no verb of a test changes the last error.
class OsContract : public testing::Test {
protected:
    void SetUp() override { last_error::set(odd); }

    void TearDown() override {
        const int error = last_error::get();
        if (!HasFailure() && !IsSkipped()) {  // Reporting these changes it.
            EXPECT_EQ(error, odd);
        }
    }

private:
    static constexpr int odd = 12345;
};

class OsMemory : public OsContract {};

class OsThreads : public OsContract {};

/// A refused `map` may change the last error, so this restores it.
[[nodiscard]] inline os::Result<std::byte*> mapped_by(auto map, auto... arguments) {
    const int before = last_error::get();
    const os::Result<std::byte*> base = map(arguments...);
    if (!base) {
        last_error::set(before);
    }
    return base;
}

/// The error that a user gets.
template <class T>
[[nodiscard]] std::error_code code_of(const os::Result<T>& refused) {
    return refused.error();
}

[[nodiscard]] inline bool is_not_supported(std::error_code error) {
    return error == std::errc::operation_not_supported;
}

/// Whether unmapped addresses are free: reserves and releases them. Another thread may have mapped
/// pages there meanwhile.
[[nodiscard]] inline bool can_be_reserved(std::byte* base, std::size_t bytes) {
    if (!mapped_by(os::reserve_at, base, bytes)) {
        return false;
    }
    os::release(base, bytes);
    return true;
}

[[nodiscard]] inline std::size_t page() { return probe::page_size(); }

[[nodiscard]] inline bool is_multiple(const void* address, std::size_t of) {
    return reinterpret_cast<std::uintptr_t>(address) % of == 0;
}

/// Pages that are unmapped at the end of a test.
class Mapped {
public:
    explicit Mapped(std::size_t bytes, Access access = Access::read_write,
                    std::size_t alignment = 1, Charge charge = Charge::charged)
        : base_(*os::map(bytes, alignment, access, charge)), bytes_(bytes) {}
    Mapped(const Mapped&) = delete;
    Mapped& operator=(const Mapped&) = delete;
    ~Mapped() { os::unmap(base_, bytes_); }

    [[nodiscard]] std::byte* base() const { return base_; }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

    std::error_code resize(std::size_t bytes, std::size_t alignment = 1) {
        const os::Result<std::byte*> moved = os::resize(base_, bytes_, bytes, alignment);
        if (!moved) {
            return moved.error();
        }
        base_ = *moved;
        bytes_ = bytes;
        return {};
    }

private:
    std::byte* base_;
    std::size_t bytes_;
};

/// The same for address space.
class Reserved {
public:
    explicit Reserved(std::size_t bytes, std::size_t alignment = 1)
        : base_(*os::reserve(bytes, alignment)), bytes_(bytes) {}
    Reserved(const Reserved&) = delete;
    Reserved& operator=(const Reserved&) = delete;
    ~Reserved() {
        if (bytes_ != 0) {
            os::release(base_, bytes_);
        }
    }

    [[nodiscard]] std::byte* base() const { return base_; }

    /// The first bytes belong to other code from now on.
    void lose_front(std::size_t bytes) {
        base_ += bytes;
        bytes_ -= bytes;
    }

private:
    std::byte* base_;
    std::size_t bytes_;
};

inline void fill(std::byte* base, std::size_t bytes, int value) { std::memset(base, value, bytes); }

[[nodiscard]] inline bool all_are(const std::byte* base, std::size_t bytes, int value) {
    return bytes == 0 ||
           (std::to_integer<int>(*base) == value && std::memcmp(base, base + 1, bytes - 1) == 0);
}

/// Also for pages that need `begin_writing`.
[[nodiscard]] inline bool can_write(std::byte* byte) {
    os::begin_writing();
    const bool can = probe::can_write(byte);
    os::end_writing();
    return can;
}

}  // namespace contract
