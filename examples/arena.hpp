// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// A growing arena whose objects never move: pointers stay valid until `reset`.

#include <memory_pages/page_size.hpp>
#include <memory_pages/reservation.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

class Arena {
public:
    /// Reserves this many bytes. None of them takes memory before it is needed.
    explicit Arena(std::size_t most = std::size_t{64} << 30) : reservation_(most) {}

    /// Makes an object. Arenas run no destructors.
    template <class T, class... Args>
        requires std::is_trivially_destructible_v<T>
    T* make(Args&&... args) {
        return std::construct_at(static_cast<T*>(allocate(sizeof(T), alignof(T))),
                                 std::forward<Args>(args)...);
    }

    /// Memory for any type, aligned to at most a page; `std::system_error` if there is no more.
    [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment) {
        const std::size_t start = (used_ + alignment - 1) & ~(alignment - 1);
        if (bytes > committed() || start > committed() - bytes) {
            grow(start + std::min(bytes, reservation_.size() + 1));
        }
        used_ = start + bytes;
        return reservation_.address() + start;
    }

    /// Frees all objects, and gives back all memory but the first step.
    void reset() {
        used_ = 0;
        if (committed() > first_step) {
            // The second part ends at the semicolon, and its memory is given back.
            memory_ = std::move(*memory_).split_at(first_step).first;
        }
    }

    [[nodiscard]] std::size_t used() const { return used_; }
    [[nodiscard]] std::size_t committed() const { return memory_ ? memory_->size() : 0; }

private:
    using Memory = memory_pages::PageRange<memory_pages::AllowRead, memory_pages::AllowWrite,
                                           memory_pages::DenyExec>;
    static constexpr std::size_t first_step = std::size_t{64} << 10;  // Whole pages everywhere.

    /// Commits twice as much, so that few calls are made, or as much as is needed.
    void grow(std::size_t needed) {
        const std::size_t old = committed();
        const std::size_t wanted =
            memory_pages::round_up_to_pages(std::max({needed, 2 * old, first_step})).value();
        const std::size_t size = std::max(std::min(wanted, reservation_.size()), needed);
        Memory more =
            reservation_.commit<memory_pages::AllowRead, memory_pages::AllowWrite>(old, size - old);
        memory_ = memory_ ? std::move(*memory_).join(std::move(more)) : std::move(more);
    }

    memory_pages::Reservation reservation_;
    std::optional<Memory> memory_;
    std::size_t used_ = 0;
};
