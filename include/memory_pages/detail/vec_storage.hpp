// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The elements of a `PagedVec` and their memory: capacity, growth, relocation, and giving memory
/// back.

#include <memory_pages/detail/mapping.hpp>
#include <memory_pages/detail/reserved_space.hpp>
#include <memory_pages/detail/sequence.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/relocation.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <limits>
#include <memory>
#include <system_error>
#include <type_traits>
#include <utility>

namespace memory_pages::detail {

enum class Growth { exact, doubling };

/// Commits the first `needed` bytes; when doubling, twice the `held` bytes that a vector had
/// committed, if that is more and the system grants it.
[[nodiscard]] inline Result<void> commit(ReservedSpace& space, std::size_t held, std::size_t needed,
                                         Growth growth) noexcept {
    if (growth == Growth::doubling) {
        constexpr std::size_t least = std::size_t{64} << 10;
        const std::size_t doubled = std::min(std::max(least, held * 2), space.reserved());
        if (doubled > needed && space.commit(doubled)) {
            return {};
        }
    }
    return space.commit(needed);
}

/// New space of `wanted` bytes, or fewer if the system refuses, with `needed` committed. If memory
/// is short, gives back the idle memory of the pool of `space` and tries again.
[[nodiscard]] inline Result<ReservedSpace> space_beside(const ReservedSpace& space,
                                                        std::size_t needed, std::size_t wanted,
                                                        std::size_t alignment,
                                                        Growth growth) noexcept {
    const auto attempt = [&]() noexcept -> Result<ReservedSpace> {
        Result<ReservedSpace> fresh =
            ReservedSpace::reserve(needed, wanted, alignment, space.policy_override());
        if (!fresh) {
            return fresh;
        }
        if (const Result<void> done = commit(*fresh, space.committed(), needed, growth); !done) {
            return std::unexpected(done.error());
        }
        return fresh;
    };
    Result<ReservedSpace> fresh = attempt();
    if (!fresh && space.clear_pool()) {
        fresh = attempt();
    }
    return fresh;
}

/// Owns elements at the front of memory that grows. Empty by default and when moved from.
///
/// Growth commits more of the reserved space, and moves to a larger one if that is too small.
/// Assigning and reordering elements is in `vec_modifiers.hpp`.
template <class T>
class VecStorage {
public:
    /// No bound, and no index.
    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

    /// Whether moving copies the elements, with what they own.
    static constexpr bool are_copied_to_move =
        !std::is_nothrow_move_constructible_v<T> && std::is_copy_constructible_v<T>;

    /// Whether making a `T` of these is only a copy of one or two registers.
    template <class... Args>
    static constexpr bool is_plain_copy =
        sizeof...(Args) == 1 && std::is_trivially_copyable_v<T> &&
        std::is_move_constructible_v<T> && std::is_constructible_v<T, Args...> &&
        sizeof(T) <= 2 * sizeof(void*) &&
        (std::is_scalar_v<T> || (std::is_same_v<std::remove_cvref_t<Args>, T> && ...));

    VecStorage() noexcept = default;
    [[gnu::always_inline]] VecStorage(VecStorage&& other) noexcept : VecStorage() { swap(other); }
    VecStorage& operator=(VecStorage&& other) noexcept {
        VecStorage taken(std::move(other));
        taken.swap(*this);
        return *this;
    }
    [[gnu::always_inline]] ~VecStorage() { std::destroy(begin(), end_); }

    [[gnu::always_inline]] void swap(VecStorage& other) noexcept {
        space_.swap(other.space_);
        std::swap(end_, other.end_);
        std::swap(limit_, other.limit_);
        std::swap(bound_, other.bound_);
    }

    /// Uses this space and its committed memory from now on. Only for an empty object.
    [[gnu::always_inline]] void use(ReservedSpace&& space) noexcept {
        space_ = std::move(space);
        end_ = begin();
        update_limit();
    }
    /// Reserves space for `bound` elements: the storage never moves and never holds more. Only for
    /// an empty object.
    [[nodiscard]] Result<void> use_bound(std::size_t bound) noexcept;

    // -- elements --------------------------------------------------------------------------------

    [[nodiscard]] T* begin() const noexcept { return objects_in(space_); }
    [[nodiscard]] T* end() const noexcept { return end_; }
    [[nodiscard]] std::size_t size() const noexcept {
        return static_cast<std::size_t>(end_ - begin());
    }
    [[nodiscard]] bool empty() const noexcept { return begin() == end_; }
    [[nodiscard]] bool is_full() const noexcept { return end_ == limit_; }
    [[nodiscard]] std::size_t index_of(const T* element) const noexcept {
        return static_cast<std::size_t>(element - begin());
    }

    /// Sets the end after elements were made behind the last one.
    void set_end(T* end) noexcept { end_ = end; }
    void truncate(T* new_end) noexcept {
        std::destroy(new_end, end_);
        end_ = new_end;
    }

    /// Makes an element of `args` at the end. `args` may refer to elements or to parts of them.
    template <class... Args>
    [[gnu::always_inline]] T& emplace_back(Args&&... args) {
        if constexpr (is_plain_copy<Args...>) {
            T value(static_cast<T>(std::forward<Args>(args))...);
            if (end_ == limit_) [[unlikely]] {
                grow_now("PagedVec::push_back", size() + 1, Growth::doubling);
            }
            std::construct_at(end_, std::move(value));
            ++end_;
        } else if (end_ != limit_) [[likely]] {
            std::construct_at(end_, std::forward<Args>(args)...);
            ++end_;
        } else {
            emplace_back_growing(std::forward<Args>(args)...);
        }
        return end_[-1];
    }
    template <class... Args>
    Result<void> try_emplace_back(Args&&... args);

    // -- capacity, in elements -------------------------------------------------------------------

    [[nodiscard, gnu::always_inline]] std::size_t max_size() const noexcept {
        return std::min(bound_, static_cast<std::size_t>(PTRDIFF_MAX) / sizeof(T));
    }
    [[nodiscard]] std::size_t capacity() const noexcept {
        return static_cast<std::size_t>(limit_ - begin());
    }
    [[nodiscard]] std::size_t stable_capacity() const noexcept {
        return std::min(space_.reserved() / sizeof(T), max_size());
    }
    /// `size() + count`, or `none` if that is more than `max_size()`.
    [[nodiscard]] std::size_t size_with(std::size_t count) const noexcept {
        return count > max_size() - size() ? none : size() + count;
    }
    /// Whether everything moves to hold `count` elements.
    [[nodiscard]] bool must_move_for(std::size_t count) const noexcept {
        return !empty() && count > stable_capacity() && count <= max_size();
    }

    [[gnu::noinline, gnu::cold]] Result<void> grow(std::size_t count, Growth growth);

    /// `grow` that throws as `std::vector` does; `call` is the function that the user called.
    ///
    /// If growth runs no code of the user, functions that are not inlined do not get the address of
    /// this object, so that a compiler can keep its pointers in registers throughout a loop.
    [[gnu::always_inline]] void grow_or_raise(const char* call, std::size_t count, Growth growth) {
        if (count > capacity()) [[unlikely]] {
            grow_now(call, count, growth);
        }
    }
    void or_raise(const Result<void>& done, const char* call, std::size_t count) const {
        if (!done) [[unlikely]] {
            raise_growth(done.error(), call, count,
                         count > max_size() ? max_size() : stable_capacity());
        }
    }
    [[noreturn, gnu::cold]] static void raise_growth(std::error_code error, const char* call,
                                                     std::size_t count, std::size_t maximum);

    /// Moves everything into space with memory for `count` elements, and makes one of `args` at the
    /// end. `args` may refer to elements or to parts of them, so they are read before anything
    /// moves; a refusal leaves them unchanged.
    template <class... Args>
    Result<void> move_and_append(std::size_t count, Args&&... args);

    // -- giving back -----------------------------------------------------------------------------

    /// Gives the memory behind the page of the last element back: touching it faults.
    void shrink_to_fit() noexcept {
        (void)space_.decommit_from(size() * sizeof(T));  // A request: a system may keep it.
        update_limit();
    }
    [[nodiscard]] Result<void> clear_decommit() noexcept {
        truncate(begin());
        return space_.drop(0, space_.committed());
    }

    /// The pages of the elements, as bytes from now on; this object is empty then.
    [[nodiscard]] Result<Mapping> to_mapping() noexcept {
        if (empty()) {
            *this = VecStorage();
            return Mapping();
        }
        Result<Mapping> mapping = space_.to_mapping(size() * sizeof(T), {.alignment = alignof(T)});
        if (mapping) {
            end_ = nullptr;
            *this = VecStorage();
        }
        update_limit();
        return mapping;
    }
    /// Takes over pages that begin with `count` elements. Only for an empty object.
    [[nodiscard]] Result<void> use_mapping(Mapping& mapping, std::size_t count) noexcept {
        if (count > mapping.size() / sizeof(T) ||
            reinterpret_cast<std::uintptr_t>(mapping.data()) % alignof(T) != 0) {
            return std::unexpected(std::make_error_code(std::errc::invalid_argument));
        }
        if (mapping.data() == nullptr) {
            return {};
        }
        Result<ReservedSpace> space = ReservedSpace::of_mapping(mapping);
        if (!space) {
            return std::unexpected(space.error());
        }
        use(std::move(*space));
        end_ += count;
        return {};
    }

    /// The memory, for code that does not deal with elements.
    [[nodiscard]] ReservedSpace& space() noexcept { return space_; }
    [[nodiscard]] const ReservedSpace& space() const noexcept { return space_; }

private:
    /// Whether making a `T` of these leaves all of them unchanged.
    template <class... Args>
    static constexpr bool are_only_read =
        ((std::is_lvalue_reference_v<Args> || std::is_trivially_copyable_v<Args>) && ...);

    static T* objects_in(const ReservedSpace& space) noexcept {
        return static_cast<T*>(static_cast<void*>(space.data()));
    }
    void update_limit() noexcept {
        limit_ = begin() + std::min(space_.committed() / sizeof(T), max_size());
    }
    [[gnu::always_inline]] void grow_now(const char* call, std::size_t count, Growth growth) {
        if constexpr (std::is_trivially_copyable_v<T>) {
            VecStorage elsewhere;
            swap(elsewhere);
            const Result<void> done = elsewhere.grow(count, growth);
            swap(elsewhere);
            if (!done) [[unlikely]] {
                raise_growth(done.error(), call, count, max_size());
            }
        } else {
            or_raise(grow(count, growth), call, count);
        }
    }
    template <class... Args>
    [[gnu::noinline, gnu::cold]] void emplace_back_growing(Args&&... args);

    Result<void> move_to_larger(std::size_t count, Growth growth);
    Result<void> move_pages(std::size_t count, Growth growth, T* appended);
    template <class Append>
    Result<void> move_elements(std::size_t count, Growth growth, Append append);
    template <class... Args>
    Result<void> build_and_move(std::size_t count, Args&&... args);

    ReservedSpace space_;
    T* end_ = nullptr;
    T* limit_ = nullptr;
    std::size_t bound_ = none;
};

template <class T>
Result<void> VecStorage<T>::grow(std::size_t count, Growth growth) {
    if (count <= capacity()) {
        return {};
    }
    if (count > max_size()) {
        return std::unexpected(std::make_error_code(std::errc::value_too_large));
    }
    if (count > stable_capacity()) {
        return move_to_larger(count, growth);
    }
    Result<void> done = commit(space_, space_.committed(), count * sizeof(T), growth);
    update_limit();
    return done;
}

/// Moves everything into a larger reservation with memory for `count` elements.
template <class T>
Result<void> VecStorage<T>::move_to_larger(std::size_t count, Growth growth) {
    if constexpr (is_trivially_relocatable_v<T> && std::is_move_constructible_v<T>) {
        return move_pages(count, growth, nullptr);
    } else {
        return move_elements(count, growth, [](Unfinished<T>&) {});
    }
}

/// The same, and makes an element of `args` at the end. `args` may refer to elements or to parts of
/// them, so they are read before anything moves; a refusal leaves them unchanged.
template <class T>
template <class... Args>
Result<void> VecStorage<T>::move_and_append(std::size_t count, Args&&... args) {
    if constexpr (!is_trivially_relocatable_v<T> ||
                  !(are_only_read<Args...> || (std::is_same_v<Args, T> && ...))) {
        return move_elements(count, Growth::doubling,
                             [&](Unfinished<T>& added) { added.add(std::forward<Args>(args)...); });
    } else if constexpr (sizeof...(Args) == 1 && (std::is_same_v<Args, T> && ...)) {
        return move_pages(count, Growth::doubling, (std::addressof(args), ...));
    } else {
        return build_and_move(count, std::forward<Args>(args)...);
    }
}

/// `move_and_append` when pages move: the system may refuse after the arguments were read.
template <class T>
template <class... Args>
Result<void> VecStorage<T>::build_and_move(std::size_t count, Args&&... args) {
    const Result<ReservedSpace> place =
        space_beside(space_, sizeof(T), sizeof(T), alignof(T), Growth::exact);
    if (!place) {
        return std::unexpected(place.error());
    }
    Unfinished<T> built(objects_in(*place));
    built.add(std::forward<Args>(args)...);
    return move_pages(count, Growth::doubling, built.first);
}

/// Moves the element at `appended` to the end, unless that is null. It may be in the vector.
template <class T>
Result<void> VecStorage<T>::move_pages(std::size_t count, Growth growth, T* appended) {
    const std::size_t old_size = size();
    const std::size_t held = space_.committed();
    const std::size_t needed = count * sizeof(T);
    const bool is_element = std::less_equal<>()(begin(), appended) && std::less<>()(appended, end_);
    const std::size_t index = is_element ? index_of(appended) : 0;
    if (Result<void> moved = space_.move_to_larger(needed, roomy_reservation(needed), alignof(T));
        !moved) {
        return moved;
    }
    // Doubles only if the system grants it.
    (void)commit(space_, held, needed, growth);
    end_ = begin() + old_size;
    update_limit();
    if (appended != nullptr) {
        std::construct_at(end_, std::move(is_element ? begin()[index] : *appended));
        ++end_;
    }
    return {};
}

/// `append` makes further elements behind the place of the moved ones.
template <class T>
template <class Append>
Result<void> VecStorage<T>::move_elements(std::size_t count, Growth growth,
                                          [[maybe_unused]] Append append) {
    const std::size_t needed = count * sizeof(T);
    Result<ReservedSpace> fresh =
        space_beside(space_, needed, roomy_reservation(needed), alignof(T), growth);
    if (!fresh) {
        return std::unexpected(fresh.error());
    }
    T* new_end = objects_in(*fresh);
    if constexpr (std::is_move_constructible_v<T>) {
        Unfinished<T> added(new_end + size());
        append(added);
        Unfinished<T> moved(new_end);
        for (T& element : *this) {
            moved.add(std::move_if_noexcept(element));
        }
        moved.keep();
        new_end = added.keep();
    } else if (!empty()) {
        // Elements that cannot be moved stay where they were made.
        return std::unexpected(std::make_error_code(std::errc::value_too_large));
    }
    truncate(begin());
    space_.take_place_of(*fresh);
    end_ = new_end;
    update_limit();
    return {};
}

template <class T>
template <class... Args>
Result<void> VecStorage<T>::try_emplace_back(Args&&... args) {
    if constexpr (std::is_move_constructible_v<T>) {
        if (end_ == limit_ && must_move_for(size() + 1)) {
            return move_and_append(size() + 1, std::forward<Args>(args)...);
        }
    }
    Result<void> done = grow(size() + 1, Growth::doubling);
    if (done) {
        std::construct_at(end_, std::forward<Args>(args)...);
        ++end_;
    }
    return done;
}

template <class T>
template <class... Args>
void VecStorage<T>::emplace_back_growing(Args&&... args) {
    or_raise(try_emplace_back(std::forward<Args>(args)...), "PagedVec::push_back", size() + 1);
}

template <class T>
void VecStorage<T>::raise_growth(std::error_code error, const char* call, std::size_t count,
                                 std::size_t maximum) {
    if (error == std::errc::value_too_large) {
        raise_length_error(call, count, maximum);
    }
    raise_bad_alloc(error, call, count * sizeof(T));
}

template <class T>
Result<void> VecStorage<T>::use_bound(std::size_t bound) noexcept {
    if (bound > max_size()) {
        return std::unexpected(std::make_error_code(std::errc::value_too_large));
    }
    if (bound != 0) {
        const std::size_t bytes = bound * sizeof(T);
        Result<ReservedSpace> space = ReservedSpace::reserve(bytes, bytes, alignof(T));
        if (!space) {
            return std::unexpected(space.error());
        }
        use(std::move(*space));
    }
    bound_ = bound;
    return {};
}

}  // namespace memory_pages::detail
