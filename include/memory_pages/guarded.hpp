// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// An object, or an array of objects, right before a guard: an overrun by one byte faults at once.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/attributes.hpp>
#include <memory_pages/detail/check.hpp>
#include <memory_pages/detail/guarded_mapping.hpp>
#include <memory_pages/detail/refusal.hpp>
#include <memory_pages/error.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace memory_pages {

namespace detail {

/// Objects that can be placed so that the last one ends with a page.
template <class T>
concept Guardable = std::is_object_v<T> && !std::is_array_v<T> && !std::is_const_v<T> &&
                    std::destructible<T> && alignof(T) <= 4096;

/// Bytes of `count` objects, at least one; the largest `std::size_t` on overflow.
template <Guardable T>
[[nodiscard]] constexpr std::size_t guarded_bytes(std::size_t count) noexcept {
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
    return count > most / sizeof(T) ? most : std::max<std::size_t>(count * sizeof(T), 1);
}

/// Readable and writable pages for `count` objects, at least one page, between guards.
template <Guardable T>
[[nodiscard]] Result<GuardedMapping> guarded_room_for(std::size_t count) noexcept {
    return GuardedMapping::map(guarded_bytes<T>(count), Access::read_write, {});
}

/// The same, throwing.
template <Guardable T>
[[nodiscard]] GuardedMapping guarded_room_or_raise(const char* call, std::size_t count) {
    Result<GuardedMapping> room = guarded_room_for<T>(count);
    if (!room) [[unlikely]] {
        raise_bytes(room.error(), call, guarded_bytes<T>(count));
    }
    return std::move(*room);
}

}  // namespace detail

/// Owns an object whose last byte is the last of its page, with a guard behind it and one before
/// the page: touching the byte behind the object faults. Accesses before the object fault only
/// before the page. Meant for secrets, and for finding overruns.
///
/// Moves only; the object keeps its address. A moved-from `Guarded` may be destroyed, assigned to
/// and swapped, and its pointer is null; any other use is a contract error. An object takes a page
/// of memory, two more of address space, and three system calls in its life: not for many small
/// objects.
///
/// Const members may be called from many threads at once; all others need exclusive access.
template <detail::Guardable T>
class [[nodiscard]] Guarded {
public:
    using element_type = T;

    /// Constructs the object from these arguments. If its constructor throws, the memory is given
    /// back. `std::system_error`: as for `GuardedPages`.
    template <class... Args>
        requires std::constructible_from<T, Args...> &&
                 (sizeof...(Args) != 1 ||
                  !(std::same_as<std::remove_cvref_t<Args>, Guarded> && ...))
    explicit Guarded(Args&&... args)
        : Guarded(detail::guarded_room_or_raise<T>("Guarded", 1), std::forward<Args>(args)...) {}

    /// The same without throwing, except what the object's constructor throws.
    template <class... Args>
        requires std::constructible_from<T, Args...>
    [[nodiscard]] static Result<Guarded> try_new(Args&&... args) noexcept(
        std::is_nothrow_constructible_v<T, Args...>) {
        Result<detail::GuardedMapping> room = detail::guarded_room_for<T>(1);
        if (!room) {
            return std::unexpected(room.error());
        }
        return Guarded(std::move(*room), std::forward<Args>(args)...);
    }

    Guarded(Guarded&&) noexcept = default;
    Guarded& operator=(Guarded&& other) noexcept {
        Guarded taken(std::move(other));
        taken.swap(*this);
        return *this;
    }
    ~Guarded() {
        if (room_.size() != 0) {
            std::destroy_at(place());
        }
    }

    void swap(Guarded& other) noexcept { room_.swap(other.room_); }
    friend void swap(Guarded& a, Guarded& b) noexcept { a.swap(b); }

    [[nodiscard]] T& operator*() & noexcept [[clang::lifetimebound]] {
        return *live("Guarded::operator*");
    }
    [[nodiscard]] const T& operator*() const& noexcept [[clang::lifetimebound]] {
        return *live("Guarded::operator*");
    }
    void operator*() const&& = delete;

    [[nodiscard]] T* operator->() & noexcept [[clang::lifetimebound]] {
        return live("Guarded::operator->");
    }
    [[nodiscard]] const T* operator->() const& noexcept [[clang::lifetimebound]] {
        return live("Guarded::operator->");
    }
    void operator->() const&& = delete;

    /// A pointer to the object; null when moved from.
    [[nodiscard]] T* get() & noexcept [[clang::lifetimebound]] {
        return room_.size() == 0 ? nullptr : place();
    }
    [[nodiscard]] const T* get() const& noexcept [[clang::lifetimebound]] {
        return room_.size() == 0 ? nullptr : place();
    }
    void get() const&& = delete;

private:
    template <class... Args>
    explicit Guarded(detail::GuardedMapping&& room, Args&&... args) : room_(std::move(room)) {
        std::construct_at(place(), std::forward<Args>(args)...);
    }

    [[nodiscard]] T* place() const noexcept {
        void* const first = room_.data() + room_.size() - sizeof(T);
        return static_cast<T*>(first);
    }
    [[nodiscard]] T* live(const char* call) const noexcept {
        detail::check(room_.size() != 0, call, "the object was moved from");
        return place();
    }

    detail::GuardedMapping room_;
};

/// Owns an array of objects whose last byte is the last of a page: as `Guarded`, for many objects.
/// An empty array has an address too, right before the guard, so that reading its first element
/// faults. Meant for the input of a parser under test, for example.
///
/// A moved-from array is empty, and its address is null.
template <detail::Guardable T>
class [[nodiscard]] GuardedArray {
public:
    using value_type = T;
    using size_type = std::size_t;
    using difference_type = std::ptrdiff_t;
    using reference = T&;
    using const_reference = const T&;
    using iterator = T*;
    using const_iterator = const T*;

    /// `count` value-initialised objects. If a constructor throws, the objects made so far are
    /// destroyed. `std::system_error`: as for `GuardedPages`.
    explicit GuardedArray(std::size_t count)
        requires std::default_initializable<T>
        : GuardedArray(raising(count), count, values(count)) {}
    [[nodiscard]] static Result<GuardedArray> try_new(std::size_t count) noexcept(
        std::is_nothrow_default_constructible_v<T>)
        requires std::default_initializable<T>
    {
        return made(count, values(count));
    }

    /// `count` copies of a value.
    GuardedArray(std::size_t count, const T& value)
        requires std::copy_constructible<T>
        : GuardedArray(raising(count), count, copies(count, value)) {}
    [[nodiscard]] static Result<GuardedArray> try_new(std::size_t count, const T& value) noexcept(
        std::is_nothrow_copy_constructible_v<T>)
        requires std::copy_constructible<T>
    {
        return made(count, copies(count, value));
    }

    /// A copy of `source`.
    explicit GuardedArray(std::span<const T> source)
        requires std::copy_constructible<T>
        : GuardedArray(raising(source.size()), source.size(), copies(source)) {}
    [[nodiscard]] static Result<GuardedArray> try_new(std::span<const T> source) noexcept(
        std::is_nothrow_copy_constructible_v<T>)
        requires std::copy_constructible<T>
    {
        return made(source.size(), copies(source));
    }

    GuardedArray(GuardedArray&& other) noexcept
        : room_(std::move(other.room_)), size_(std::exchange(other.size_, 0)) {}
    GuardedArray& operator=(GuardedArray&& other) noexcept {
        GuardedArray taken(std::move(other));
        taken.swap(*this);
        return *this;
    }
    ~GuardedArray() { std::destroy_n(place(), size_); }

    void swap(GuardedArray& other) noexcept {
        room_.swap(other.room_);
        std::swap(size_, other.size_);
    }
    friend void swap(GuardedArray& a, GuardedArray& b) noexcept { a.swap(b); }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    /// The object at index `i`, which must be below `size()` (contract check).
    [[nodiscard]] T& operator[](std::size_t i) & noexcept [[clang::lifetimebound]] {
        detail::check_index("GuardedArray::operator[]", i, size_);
        return place()[i];
    }
    [[nodiscard]] const T& operator[](std::size_t i) const& noexcept [[clang::lifetimebound]] {
        detail::check_index("GuardedArray::operator[]", i, size_);
        return place()[i];
    }
    void operator[](std::size_t i) const&& = delete;

    /// The first object. `data() + size()` is the address of the guard; null when moved from.
    [[nodiscard]] T* data() & noexcept [[clang::lifetimebound]] { return place(); }
    [[nodiscard]] const T* data() const& noexcept [[clang::lifetimebound]] { return place(); }
    void data() const&& = delete;

    [[nodiscard]] T* begin() & noexcept [[clang::lifetimebound]] { return place(); }
    [[nodiscard]] const T* begin() const& noexcept [[clang::lifetimebound]] { return place(); }
    void begin() const&& = delete;
    [[nodiscard]] T* end() & noexcept [[clang::lifetimebound]] { return place() + size_; }
    [[nodiscard]] const T* end() const& noexcept [[clang::lifetimebound]] {
        return place() + size_;
    }
    void end() const&& = delete;

private:
    template <class Construct>
    GuardedArray(detail::GuardedMapping&& room, std::size_t count, Construct construct)
        : room_(std::move(room)), size_(count) {
        construct(place());
    }

    template <class Construct>
    [[nodiscard]] static Result<GuardedArray> made(std::size_t count, Construct construct) {
        Result<detail::GuardedMapping> room = detail::guarded_room_for<T>(count);
        if (!room) {
            return std::unexpected(room.error());
        }
        return GuardedArray(std::move(*room), count, construct);
    }
    [[nodiscard]] static detail::GuardedMapping raising(std::size_t count) {
        return detail::guarded_room_or_raise<T>("GuardedArray", count);
    }

    // If a constructor throws, these destroy what was made.
    static auto values(std::size_t count) noexcept {
        return [=](T* to) { std::uninitialized_value_construct_n(to, count); };
    }
    static auto copies(std::size_t count, const T& value) noexcept {
        return [=, &value](T* to) { std::uninitialized_fill_n(to, count, value); };
    }
    static auto copies(std::span<const T> source) noexcept {
        return [=](T* to) { std::uninitialized_copy(source.begin(), source.end(), to); };
    }

    /// Null when moved from: a null pointer and an offset of 0.
    [[nodiscard]] T* place() const noexcept {
        void* const first = room_.data() + (room_.size() - size_ * sizeof(T));
        return static_cast<T*>(first);
    }

    detail::GuardedMapping room_;
    std::size_t size_;
};

}  // namespace memory_pages
