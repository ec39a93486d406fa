// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The untyped owner below `Reservation`, `PagedVec` and `GuardedPages`: address space, with memory
/// behind parts of it.

#include <memory_pages/access.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/options.hpp>

#include <cstddef>
#include <utility>

namespace memory_pages::detail {

/// Owns address space in whole pages; empty by default and when moved from. What is committed in it
/// is known to whoever uses it: only reserved pages may be committed, only committed ones used.
///
/// Offsets and sizes are in bytes. The verbs take whole pages of it: callers check.
class AddressSpace {
public:
    /// Reserves at least `bytes` bytes, rounded up to whole pages, of which touching any faults.
    [[nodiscard]] static Result<AddressSpace> reserve(std::size_t bytes,
                                                      ReservationOptions options) noexcept;

    AddressSpace() noexcept = default;
    /// Takes over what was reserved elsewhere.
    AddressSpace(std::byte* data, std::size_t size) noexcept : data_(data), size_(size) {}
    AddressSpace(AddressSpace&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    AddressSpace& operator=(AddressSpace&& other) noexcept {
        AddressSpace(std::move(other)).swap(*this);
        return *this;
    }
    [[gnu::always_inline]] ~AddressSpace() {
        if (data_ != nullptr) {
            release(data_, size_);
        }
    }

    void swap(AddressSpace& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
    }

    [[nodiscard]] std::byte* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Gives up ownership.
    void forget() noexcept {
        data_ = nullptr;
        size_ = 0;
    }
    /// Gives up ownership of the first `bytes`, and gives back what is behind them.
    void give_up_front(std::size_t bytes) noexcept;

    /// Reserved pages become usable, as `access` says, and charged; they read zero. A refusal
    /// changes nothing.
    [[nodiscard]] Result<void> commit(std::size_t offset, std::size_t bytes,
                                      Access access) const noexcept;

    /// Committed pages become reserved ones again: memory and charge go back.
    [[nodiscard]] Result<void> uncommit(std::size_t offset, std::size_t bytes) const noexcept;

    /// Changes what may be done with committed pages, publishing code on a way to executable. On a
    /// refusal a part may have changed.
    [[nodiscard]] Result<void> protect(std::size_t offset, std::size_t bytes,
                                       Access access) const noexcept;

private:
    /// Not a member that knows `this`, so that a compiler may keep these in registers.
    static void release(std::byte* data, std::size_t size) noexcept;

    std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace memory_pages::detail
