// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The untyped owner below `Reservation`, `PagedVec` and `GuardedPages`: address space of which
/// parts are committed.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/core_error.hpp>
#include <memory_pages/options.hpp>
#include <memory_pages/placement.hpp>

#include <cstddef>
#include <utility>

namespace memory_pages::detail {

/// Owns address space in whole pages; empty by default and when moved from. Its user tracks which
/// pages are committed: only reserved pages may be committed, only committed pages used.
///
/// Offsets and sizes are in bytes, in whole pages; callers check them.
class AddressSpace {
public:
    /// Reserves at least `bytes` bytes, rounded up to whole pages. Touching them faults.
    [[nodiscard]] static CoreResult<AddressSpace> reserve(std::size_t bytes, std::size_t alignment,
                                                          const Placement& placement) noexcept;
    [[nodiscard]] static CoreResult<AddressSpace> reserve(
        std::size_t bytes, const ReservationOptions& options) noexcept {
        return reserve(bytes, options.alignment, options.placement());
    }

    AddressSpace() noexcept = default;
    /// Takes over address space that was reserved elsewhere.
    AddressSpace(std::byte* data, std::size_t size) noexcept : data_(data), size_(size) {}
    AddressSpace(AddressSpace&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    AddressSpace& operator=(AddressSpace&& other) noexcept {
        AddressSpace taken(std::move(other));
        taken.swap(*this);
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
    /// Gives up ownership of the first `bytes` bytes, and releases the rest.
    void give_up_front(std::size_t bytes) noexcept;

    /// Makes reserved pages usable with these permissions, and charges them; they read zero. A
    /// refusal changes nothing.
    [[nodiscard]] CoreResult<void> commit(std::size_t offset, std::size_t bytes,
                                          Access access) const noexcept;

    /// Makes committed pages reserved again, and returns their memory and charge.
    [[nodiscard]] CoreResult<void> uncommit(std::size_t offset, std::size_t bytes) const noexcept;

private:
    /// Static: without `this`, a compiler can keep the members in registers.
    static void release(std::byte* data, std::size_t size) noexcept;

    std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace memory_pages::detail
