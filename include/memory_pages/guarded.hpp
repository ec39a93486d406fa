// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// An object, or an array of objects, right before a guard: overrun by one byte it faults at once.

#include <memory_pages/access.hpp>
#include <memory_pages/detail/attributes.hpp>
#include <memory_pages/detail/check.hpp>
#include <memory_pages/detail/guarded_mapping.hpp>
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

/// What may stand behind each other up to the end of a page.
template <class T>
concept Guardable = std::is_object_v<T> && !std::is_array_v<T> && !std::is_const_v<T> &&
                    std::destructible<T> && alignof(T) <= 4096;

/// Bytes that `count` objects need, at least one; more than there can be where that overflows.
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
        raise(room.error(), call, guarded_bytes<T>(count));
    }
    return std::move(*room);
}

}  // namespace detail

/// Owns an object whose last byte is the last of its page, with a guard behind it and one before
/// that page: whatever touches the byte behind the object faults. What touches bytes before it is
/// only noticed at the page's beginning. For secrets that must not be read past, say, and for
/// finding out who runs over an end.
///
/// Moves only; the object stays where it is. A moved-from `Guarded` may be destroyed, assigned to,
/// swapped and asked for its pointer (null); anything else is a contract error. Takes a page, two
/// of address space beside it, and three system calls in its life: not for many small objects.
///
/// Const members may be called from any thread at once; all others need exclusive use.
template <detail::Guardable T>
class [[nodiscard]] Guarded {
public:
    using element_type = T;

    /// Constructs the object from these arguments. What its constructor throws passes through, and
    /// nothing is left. `std::system_error`: as of `GuardedPages`.
    template <class... Args>
        requires std::constructible_from<T, Args...> &&
                 (sizeof...(Args) != 1 ||
                  !(std::same_as<std::remove_cvref_t<Args>, Guarded> && ...))
    explicit Guarded(Args&&... args)
        : Guarded(detail::guarded_room_or_raise<T>("Guarded", 1), std::forward<Args>(args)...) {}

    /// The same without throwing, but for what the object's constructor throws.
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
        Guarded(std::move(other)).swap(*this);
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

    /// Null when moved from.
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

/// Owns an array of objects of which the last one's last byte is the last of a page: as `Guarded`,
/// for many. An empty one has a place too, right before the guard, so that reading its first
/// element faults: the input of a parser under test, say, given to it byte for byte as it is.
///
/// A moved-from array is empty, and has no place.
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

    /// So many objects, value-initialised. What a constructor throws passes through, after those
    /// that were made are destroyed. `std::system_error`: as of `GuardedPages`.
    explicit GuardedArray(std::size_t count)
        requires std::default_initializable<T>
        : GuardedArray(raising(count), count, values(count)) {}
    [[nodiscard]] static Result<GuardedArray> try_new(std::size_t count) noexcept(
        std::is_nothrow_default_constructible_v<T>)
        requires std::default_initializable<T>
    {
        return made(count, values(count));
    }

    /// So many copies of a value.
    GuardedArray(std::size_t count, const T& value)
        requires std::copy_constructible<T>
        : GuardedArray(raising(count), count, copies(count, value)) {}
    [[nodiscard]] static Result<GuardedArray> try_new(std::size_t count, const T& value) noexcept(
        std::is_nothrow_copy_constructible_v<T>)
        requires std::copy_constructible<T>
    {
        return made(count, copies(count, value));
    }

    /// A copy of what others have.
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
        GuardedArray(std::move(other)).swap(*this);
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

    /// The object at `i`, which must be below `size()` (contract check).
    [[nodiscard]] T& operator[](std::size_t i) & noexcept [[clang::lifetimebound]] {
        detail::check_index("GuardedArray::operator[]", i, size_);
        return place()[i];
    }
    [[nodiscard]] const T& operator[](std::size_t i) const& noexcept [[clang::lifetimebound]] {
        detail::check_index("GuardedArray::operator[]", i, size_);
        return place()[i];
    }
    void operator[](std::size_t i) const&& = delete;

    /// The first object. `data() + size()` is the guard; null when moved from.
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

    // All or none: what was made is destroyed where the next one throws.
    static auto values(std::size_t count) noexcept {
        return [=](T* to) { std::uninitialized_value_construct_n(to, count); };
    }
    static auto copies(std::size_t count, const T& value) noexcept {
        return [=, &value](T* to) { std::uninitialized_fill_n(to, count, value); };
    }
    static auto copies(std::span<const T> source) noexcept {
        return [=](T* to) { std::uninitialized_copy(source.begin(), source.end(), to); };
    }

    /// Null when moved from: nothing, and no bytes further on.
    [[nodiscard]] T* place() const noexcept {
        void* const first = room_.data() + (room_.size() - size_ * sizeof(T));
        return static_cast<T*>(first);
    }

    detail::GuardedMapping room_;
    std::size_t size_;
};

}  // namespace memory_pages
