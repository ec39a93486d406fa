// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Counts borrows of mappings in hardened builds, so that a change or unmapping of a borrowed
/// mapping stops with a message. Other builds count nothing; the layout is the same.

#include <memory_pages/config.hpp>

#include <utility>

namespace memory_pages::detail {

inline constexpr bool borrows_counted = check_level == CheckLevel::hardened;

/// Counts one borrow more, or one less, of the mapping that starts at `base`. Any thread.
void count_borrower(const void* base) noexcept;
void uncount_borrower(const void* base) noexcept;

/// Aborts with a message naming `call` if the mapping that starts at `base` is borrowed.
void check_not_borrowed(const char* call, const void* base) noexcept;

/// Borrows the mapping that starts at `base` for the lifetime of this object and its copies; null:
/// borrows nothing.
class Borrow {
public:
    Borrow() noexcept = default;
    explicit Borrow(const void* base) noexcept : base_(base) { count(); }
    Borrow(const Borrow& other) noexcept : base_(other.base_) { count(); }
    Borrow& operator=(Borrow other) noexcept {
        std::swap(base_, other.base_);
        return *this;
    }
    ~Borrow() {
        if constexpr (borrows_counted) {
            if (base_ != nullptr) {
                uncount_borrower(base_);
            }
        }
    }

private:
    void count() const noexcept {
        if constexpr (borrows_counted) {
            if (base_ != nullptr) {
                count_borrower(base_);
            }
        }
    }

    const void* base_ = nullptr;
};

}  // namespace memory_pages::detail
