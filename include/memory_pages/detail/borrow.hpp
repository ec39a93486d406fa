// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Counts who borrows a mapping, in hardened builds, so that changing or unmapping it under a
/// borrower stops with a message. In other builds nothing is counted; the layout is the same.

#include <memory_pages/config.hpp>

#include <utility>

namespace memory_pages::detail {

inline constexpr bool borrows_counted = check_level == CheckLevel::hardened;

/// One borrower more, one less, of the mapping that starts at `base`. Any thread.
void count_borrower(const void* base) noexcept;
void uncount_borrower(const void* base) noexcept;

/// Aborts with a message naming `call` if anyone borrows the mapping that starts at `base`.
void check_not_borrowed(const char* call, const void* base) noexcept;

/// A borrow of the mapping that starts at `base`, for as long as it or a copy of it lives.
class Borrow {
public:
    explicit Borrow(const void* base) noexcept : base_(base) { count(); }
    Borrow(const Borrow& other) noexcept : base_(other.base_) { count(); }
    Borrow& operator=(Borrow other) noexcept {
        std::swap(base_, other.base_);
        return *this;
    }
    ~Borrow() {
        if constexpr (borrows_counted) {
            uncount_borrower(base_);
        }
    }

private:
    void count() const noexcept {
        if constexpr (borrows_counted) {
            count_borrower(base_);
        }
    }

    const void* base_;
};

}  // namespace memory_pages::detail
