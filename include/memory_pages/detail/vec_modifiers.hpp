// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The modifiers of `std::vector`: assign, append, resize, insert.
///
/// `call` is the function that the user called, for the message of an exception.

#include <memory_pages/detail/sequence.hpp>
#include <memory_pages/detail/vec_storage.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <ranges>
#include <type_traits>
#include <utility>

namespace memory_pages::detail {

/// An argument that may be an element: finds it again after the elements have moved. An element may
/// also own the argument: if elements are copied when they move, this copies it too.
template <class Value>
class ArgumentOf {
    using T = std::remove_const_t<Value>;

public:
    ArgumentOf(const VecStorage<T>& vec, Value& value, bool do_elements_move)
        : value_(std::addressof(value)),
          index_(std::less_equal<>()(vec.begin(), value_) && std::less<>()(value_, vec.end())
                     ? vec.index_of(value_)
                     : VecStorage<T>::none) {
        if constexpr (VecStorage<T>::are_copied_to_move) {
            if (index_ == VecStorage<T>::none && do_elements_move) {
                value_ = std::addressof(copy_.emplace_back(value));
            }
        }
    }
    /// The index in the vector, or `none`.
    [[nodiscard]] std::size_t index() const noexcept { return index_; }
    /// The address after the elements from `first` on have moved up by `distance`.
    [[nodiscard]] Value* in(const VecStorage<T>& vec, std::size_t first = 0,
                            std::size_t distance = 0) const noexcept {
        return index_ == VecStorage<T>::none
                   ? value_
                   : vec.begin() + index_ + (index_ < first ? 0 : distance);
    }

private:
    Value* value_;
    std::size_t index_;
    VecStorage<T> copy_;  // On pages: an element may be too large for the stack.
};

// -- appending
// ------------------------------------------------------------------------------------

template <class T, class It>
void append_n(VecStorage<T>& vec, const char* call, It from, std::size_t count, Growth growth) {
    vec.grow_or_raise(call, vec.size_with(count), growth);
    vec.set_end(detail::construct_n(std::move(from), count, vec.end()));
}

template <class T, class It>
void append(VecStorage<T>& vec, const char* call, It first, It last) {
    if constexpr (MultiPassIterator<It>) {
        detail::append_n(vec, call, first, static_cast<std::size_t>(std::distance(first, last)),
                         vec.empty() ? Growth::exact : Growth::doubling);
    } else {
        for (; first != last; ++first) {
            vec.emplace_back(*first);
        }
    }
}

template <class T, class R>
void append(VecStorage<T>& vec, const char* call, R&& range) {
    if constexpr (std::ranges::forward_range<R>) {
        detail::append_n(vec, call, std::ranges::begin(range),
                         static_cast<std::size_t>(std::ranges::distance(range)),
                         vec.empty() ? Growth::exact : Growth::doubling);
    } else {
        if constexpr (std::ranges::sized_range<R>) {
            vec.grow_or_raise(call, vec.size_with(std::ranges::size(range)), Growth::doubling);
        }
        for (auto&& value : range) {
            vec.emplace_back(std::forward<decltype(value)>(value));
        }
    }
}

// -- assigning and resizing
// -----------------------------------------------------------------------

template <class T>
void assign_fill(VecStorage<T>& vec, std::size_t count, const T& value) {
    const ArgumentOf<const T> argument(vec, value, vec.must_move_for(count));
    vec.grow_or_raise("PagedVec::assign", count, Growth::exact);
    const T* const source = argument.in(vec);
    const std::size_t kept = std::min(count, vec.size());
    const std::size_t before = std::min(kept, argument.index());
    std::fill_n(vec.begin(), before, *source);
    if (before != kept) {  // The argument is not assigned to itself.
        std::fill(vec.begin() + before + 1, vec.begin() + kept, *source);
    }
    if (count > kept) {
        vec.set_end(std::uninitialized_fill_n(vec.end(), count - kept, *source));
    } else {
        vec.truncate(vec.begin() + kept);
    }
}

template <class T, class It>
void assign_n(VecStorage<T>& vec, const char* call, It from, std::size_t count) {
    vec.grow_or_raise(call, count, Growth::exact);
    const std::size_t kept = std::min(count, vec.size());
    detail::overwrite_n(from, kept, vec.begin());
    vec.truncate(vec.begin() + kept);
    vec.set_end(detail::construct_n(detail::advanced_by(from, kept), count - kept, vec.end()));
}

template <class T, class It>
void assign(VecStorage<T>& vec, const char* call, It first, It last) {
    if constexpr (MultiPassIterator<It>) {
        detail::assign_n(vec, call, first, static_cast<std::size_t>(std::distance(first, last)));
    } else {
        vec.truncate(vec.begin());
        detail::append(vec, call, std::move(first), std::move(last));
    }
}

template <class T, class R>
void assign(VecStorage<T>& vec, const char* call, R&& range) {
    if constexpr (std::ranges::forward_range<R>) {
        detail::assign_n(vec, call, std::ranges::begin(range),
                         static_cast<std::size_t>(std::ranges::distance(range)));
    } else {
        if constexpr (std::ranges::sized_range<R>) {
            vec.grow_or_raise(call, static_cast<std::size_t>(std::ranges::size(range)),
                              Growth::exact);
        }
        vec.truncate(vec.begin());
        detail::append(vec, call, std::forward<R>(range));
    }
}

template <class T>
void resize(VecStorage<T>& vec, std::size_t count) {
    if (count <= vec.size()) {
        return vec.truncate(vec.begin() + count);
    }
    vec.grow_or_raise("PagedVec::resize", count, Growth::doubling);
    vec.set_end(std::uninitialized_value_construct_n(vec.end(), count - vec.size()));
}

template <class T>
void resize(VecStorage<T>& vec, std::size_t count, const T& value) {
    if (count <= vec.size()) {
        return vec.truncate(vec.begin() + count);
    }
    const ArgumentOf<const T> argument(vec, value, vec.must_move_for(count));
    vec.grow_or_raise("PagedVec::resize", count, Growth::doubling);
    vec.set_end(std::uninitialized_fill_n(vec.end(), count - vec.size(), *argument.in(vec)));
}

// -- inserting one element
// ------------------------------------------------------------------------

/// Whether the argument is another `T` that can be assigned.
template <class T, class... Args>
inline constexpr bool is_assignable_element =
    sizeof...(Args) == 1 &&
    ((std::is_same_v<std::remove_cvref_t<Args>, T> && std::is_assignable_v<T&, Args>) && ...);

/// Whether a copy is too large for the stack, and is made on pages.
template <class T>
inline constexpr bool is_large = sizeof(T) > 4096;

/// Moves the elements from `index` on, at least one, up by one.
template <class T>
T* move_up(VecStorage<T>& vec, std::size_t index) {
    T* const where = vec.begin() + index;
    T* const last = vec.end() - 1;
    std::construct_at(vec.end(), std::move(*last));
    vec.set_end(vec.end() + 1);
    std::move_backward(where, last, last + 1);
    return where;
}

/// `emplace` when everything must move: makes the new element at the end, with memory for one more
/// element behind it, and moves it to its place through that.
template <class T, class... Args>
T* emplace_moving(VecStorage<T>& vec, std::size_t index, Args&&... args) {
    vec.or_raise(vec.move_and_append(vec.size() + 2, std::forward<Args>(args)...),
                 "PagedVec::insert", vec.size() + 1);
    T* const where = vec.begin() + index;
    T* const last = vec.end() - 1;
    Unfinished<T> lifted(vec.end());
    lifted.add(std::move(*last));
    std::move_backward(where, last, vec.end());
    *where = std::move(*lifted.first);
    return where;
}

/// `emplace` when there is memory for the element. Not inlined, so that no caller has a large
/// element in its frame.
template <class T, class... Args>
[[gnu::noinline]] T* insert_built(VecStorage<T>& vec, std::size_t index, Args&&... args) {
    T value(std::forward<Args>(args)...);
    T* const where = detail::move_up(vec, index);
    *where = std::move(value);
    return where;
}

/// `emplace` of an element when there is memory for it. It may be one of those that move up.
template <class T, class Element>
T* insert_element(VecStorage<T>& vec, std::size_t index, Element&& element) {
    const ArgumentOf<std::remove_reference_t<Element>> argument(
        vec, element, std::is_lvalue_reference_v<Element>);
    T* const where = detail::move_up(vec, index);
    *where = std::forward<Element>(*argument.in(vec, index, 1));
    return where;
}

template <class T, class... Args>
T* emplace(VecStorage<T>& vec, std::size_t index, Args&&... args) {
    if (index == vec.size()) {
        return std::addressof(vec.emplace_back(std::forward<Args>(args)...));
    }
    if constexpr (VecStorage<T>::template is_plain_copy<Args...>) {
        const T value(static_cast<T>(std::forward<Args>(args))...);
        vec.grow_or_raise("PagedVec::insert", vec.size() + 1, Growth::doubling);
        T* const where = detail::move_up(vec, index);
        *where = value;
        return where;
    } else {
        if (vec.is_full() && vec.must_move_for(vec.size() + 1)) [[unlikely]] {
            return detail::emplace_moving(vec, index, std::forward<Args>(args)...);
        }
        vec.grow_or_raise("PagedVec::insert", vec.size() + 1, Growth::doubling);
        if constexpr (is_assignable_element<T, Args...> &&
                      (!VecStorage<T>::are_copied_to_move || is_large<T>)) {
            return detail::insert_element(vec, index, std::forward<Args>(args)...);
        } else {
            return detail::insert_built(vec, index, std::forward<Args>(args)...);
        }
    }
}

// -- inserting many
// -------------------------------------------------------------------------------

/// Makes room for `count` elements at `index`, for which there is memory, and fills it.
/// `construct(first, n, to)` constructs `n` new elements, from the `first`-th on, in raw
/// memory; `overwrite(to, n)` assigns the first `n` new elements to moved-from ones.
template <class T, class Construct, class Overwrite>
[[gnu::always_inline]] inline T* insert_with(VecStorage<T>& vec, std::size_t index,
                                             std::size_t count, Construct construct,
                                             Overwrite overwrite) {
    T* const where = vec.begin() + index;
    T* const old_end = vec.end();
    const std::size_t behind = vec.size() - index;
    if (count == 0) {
        return where;
    }
    if (count < behind) {
        vec.set_end(std::uninitialized_move(old_end - count, old_end, old_end));
        std::move_backward(where, old_end - count, old_end);
        overwrite(where, count);
    } else {
        vec.set_end(construct(behind, count - behind, old_end));
        vec.set_end(std::uninitialized_move(where, old_end, vec.end()));
        overwrite(where, behind);
    }
    return where;
}

template <class T>
T* insert_fill(VecStorage<T>& vec, std::size_t index, std::size_t count, const T& value) {
    const std::size_t size = vec.size_with(count);
    const ArgumentOf<const T> argument(vec, value, index != vec.size() || vec.must_move_for(size));
    vec.grow_or_raise("PagedVec::insert", size, Growth::doubling);
    return detail::insert_with(
        vec, index, count,
        [&](std::size_t, std::size_t n, T* to) {
            return std::uninitialized_fill_n(to, n, *argument.in(vec));
        },
        [&](T* to, std::size_t n) { std::fill_n(to, n, *argument.in(vec, index, count)); });
}

/// The callers of `insert_n` as types, so that their names are no run-time argument.
struct Insert {
    static constexpr const char* name = "PagedVec::insert";
};
struct InsertRange {
    static constexpr const char* name = "PagedVec::insert_range";
};

template <class Verb, class T, class It>
T* insert_n(VecStorage<T>& vec, std::size_t index, It from, std::size_t count) {
    vec.grow_or_raise(Verb::name, vec.size_with(count), Growth::doubling);
    return detail::insert_with(
        vec, index, count,
        [&](std::size_t first, std::size_t n, T* to) {
            return detail::construct_n(detail::advanced_by(from, first), n, to);
        },
        [&](T* to, std::size_t n) { detail::overwrite_n(from, n, to); });
}

template <class T, class It>
T* insert(VecStorage<T>& vec, std::size_t index, It first, It last) {
    if constexpr (MultiPassIterator<It>) {
        return detail::insert_n<Insert>(vec, index, first,
                                        static_cast<std::size_t>(std::distance(first, last)));
    } else {
        VecStorage<T> fetched;
        detail::append(fetched, "PagedVec::insert", std::move(first), std::move(last));
        return detail::insert_n<Insert>(vec, index, std::make_move_iterator(fetched.begin()),
                                        fetched.size());
    }
}

template <class T, class R>
T* insert_range(VecStorage<T>& vec, std::size_t index, R&& range) {
    if constexpr (std::ranges::forward_range<R>) {
        return detail::insert_n<InsertRange>(
            vec, index, std::ranges::begin(range),
            static_cast<std::size_t>(std::ranges::distance(range)));
    } else {
        VecStorage<T> fetched;
        if constexpr (std::ranges::sized_range<R>) {
            // Reserves everything before anything is read.
            const auto count = static_cast<std::size_t>(std::ranges::size(range));
            vec.grow_or_raise("PagedVec::insert_range", vec.size_with(count), Growth::doubling);
            fetched.grow_or_raise("PagedVec::insert_range", count, Growth::exact);
        }
        detail::append(fetched, "PagedVec::insert_range", std::forward<R>(range));
        return detail::insert_n<InsertRange>(vec, index, std::make_move_iterator(fetched.begin()),
                                             fetched.size());
    }
}

}  // namespace memory_pages::detail
