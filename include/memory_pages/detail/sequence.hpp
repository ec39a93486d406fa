// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What the standard's containers require of iterators and ranges, and how elements are made from
/// them.

#include <algorithm>
#include <compare>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <memory>
#include <ranges>
#include <type_traits>
#include <utility>

namespace memory_pages::detail {

/// An iterator as the standard's containers take it; not a number.
template <class It>
concept InputIterator = std::convertible_to<typename std::iterator_traits<It>::iterator_category,
                                            std::input_iterator_tag>;

/// An iterator whose range can be walked twice, first to count it.
template <class It>
concept MultiPassIterator =
    std::forward_iterator<It> ||
    std::convertible_to<typename std::iterator_traits<It>::iterator_category,
                        std::forward_iterator_tag>;

/// A range from which elements of type `T` can be made.
template <class R, class T>
concept ContainerCompatibleRange =
    std::ranges::input_range<R> && std::convertible_to<std::ranges::range_reference_t<R>, T>;

/// `<=>`, or the same by `<` alone.
inline constexpr auto synth_three_way = []<class T>(const T& a, const T& b)
    requires std::three_way_comparable<T> || requires {
        { a < b } -> std::convertible_to<bool>;
    }
{
    if constexpr (std::three_way_comparable<T>) {
        return a <=> b;
    } else {
        return a < b   ? std::weak_ordering::less
               : b < a ? std::weak_ordering::greater
                       : std::weak_ordering::equivalent;
    }
};

/// Objects under construction: destroyed unless kept.
template <class T>
struct Unfinished {
    explicit Unfinished(T* where) noexcept : first(where), end(where) {}
    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;
    ~Unfinished() { std::destroy(first, end); }

    template <class... Args>
    void add(Args&&... args) {
        std::construct_at(end, std::forward<Args>(args)...);
        ++end;
    }
    T* keep() noexcept {
        first = end;
        return end;
    }

    T* first;
    T* end;
};

/// The iterator after `count` steps.
template <class It>
[[nodiscard]] It advanced_by(It it, std::size_t count) {
    if constexpr (std::random_access_iterator<It>) {
        return it + static_cast<std::iter_difference_t<It>>(count);
    } else {
        for (; count != 0; --count) {
            ++it;
        }
        return it;
    }
}

/// Constructs `count` objects in raw memory, all or none, and returns their end.
template <class It, class T>
[[nodiscard]] T* construct_n(It from, std::size_t count, T* to) {
    if constexpr (std::contiguous_iterator<It>) {
        return std::uninitialized_copy_n(std::to_address(from), count, to);
    } else {
        Unfinished<T> constructed(to);
        for (; count != 0; --count, (void)++from) {
            constructed.add(*from);
        }
        return constructed.keep();
    }
}

/// Assigns `count` objects to existing ones.
template <class It, class T>
void overwrite_n(It from, std::size_t count, T* to) {
    if constexpr (std::indirectly_copyable<It, T*>) {
        std::ranges::copy_n(std::move(from), static_cast<std::iter_difference_t<It>>(count), to);
    } else {
        for (; count != 0; --count, (void)++from, (void)++to) {
            *to = T(*from);
        }
    }
}

}  // namespace memory_pages::detail
