// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// A vector on pages of its own: it grows without copying, and gives memory back.

#include <memory_pages/advice.hpp>
#include <memory_pages/detail/attributes.hpp>
#include <memory_pages/detail/check.hpp>
#include <memory_pages/detail/reserved_space.hpp>
#include <memory_pages/detail/sequence.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/huge_pages.hpp>
#include <memory_pages/relocation.hpp>

#include <algorithm>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <ranges>
#include <system_error>
#include <type_traits>
#include <utility>
#include <version>

namespace memory_pages {

#if defined(__cpp_lib_containers_ranges)
using std::from_range;
using std::from_range_t;
#else
/// Tells a constructor that it is given a range: `PagedVec v(from_range, some_view)`. The standard
/// library's own where it has one.
struct from_range_t {
    explicit from_range_t() = default;
};
inline constexpr from_range_t from_range{};
#endif

namespace detail {

enum class Growth { exact, doubling };

/// Bytes of address space to ask for when `needed` bytes are needed now.
[[nodiscard]] constexpr std::size_t roomy_reservation(std::size_t needed) noexcept {
    constexpr std::size_t least = std::size_t{256} << 20;
    constexpr std::size_t times = 16;
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max() / 2;
    return needed > most / times ? most : std::max(least, needed * times);
}

/// Commits the first `needed` bytes; when doubling, twice the `held` bytes that a vector had
/// committed before if that is more and the system has it.
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

}  // namespace detail

/// A contiguous sequence with the interface of `std::vector` on pages of its own.
///
/// Address space is reserved ahead, and memory put behind it in doubling steps: growing within
/// `stable_capacity()` moves nothing and invalidates nothing. Past it everything moves once, into a
/// reservation 16 times as large: by moving pages where `is_trivially_relocatable<T>` (a second
/// such move is a copy on kernels whose `mremap(2)` takes one mapping at a time), else element by
/// element. What lies beyond `capacity()` faults when touched.
///
/// The unit of memory is a page, so it is for many elements: an empty one maps nothing, but the
/// first element costs a reservation (two of the system's mappings, three where huge pages are
/// preferred and it is larger than two of those) and a whole page.
///
/// Members mean, promise and throw what `std::vector`'s do; only what differs is said here.
/// `std::bad_alloc`: the system refused memory or address space, and nothing has changed.
/// `std::length_error`: more than `max_size()`. `with_capacity`, `with_max_capacity`, `reserve`,
/// `reserve_exact`, `push_back`, `clear_decommit` and `advise` have `try_` twins that return a
/// `Result` (`std::errc::value_too_large` for too many elements); after `try_reserve`, no other
/// door needs memory. What constructors of `T` throw passes through all. Arguments may be elements
/// of the vector itself. A moved-from vector is an empty one.
///
/// Iterators are pointers. A broken precondition of `[]`, `front`, `back`, `pop_back`, `insert`,
/// `erase`, ... is a contract check. Const members may be called from any thread at once; all
/// others need exclusive use.
template <class T>
class PagedVec {
    static_assert(std::is_same_v<T, std::remove_cv_t<T>>,
                  "elements are neither const nor volatile");
    static_assert(!std::is_array_v<T>, "elements are not arrays; std::array will do");

public:
    using value_type = T;
    using size_type = std::size_t;
    using difference_type = std::ptrdiff_t;
    using reference = T&;
    using const_reference = const T&;
    using pointer = T*;
    using const_pointer = const T*;
    using iterator = T*;
    using const_iterator = const T*;
    using reverse_iterator = std::reverse_iterator<iterator>;
    using const_reverse_iterator = std::reverse_iterator<const_iterator>;

    /// In a range argument: as far as the elements go.
    static constexpr size_type to_end = std::numeric_limits<size_type>::max();

    // -- making and assigning ------------------------------------------------------------------

    PagedVec() noexcept = default;
    explicit PagedVec(size_type count) : PagedVec() {
        grow_or_raise("PagedVec", count, Growth::exact);
        end_ = std::uninitialized_value_construct_n(end_, count);
    }
    PagedVec(size_type count, const T& value) : PagedVec() {
        grow_or_raise("PagedVec", count, Growth::exact);
        end_ = std::uninitialized_fill_n(end_, count, value);
    }
    template <detail::InputIterator It>
    PagedVec(It first, It last) : PagedVec() {
        append("PagedVec", std::move(first), std::move(last));
    }
    template <detail::ContainerCompatibleRange<T> R>
    PagedVec(from_range_t, R&& range) : PagedVec() {
        append("PagedVec", std::forward<R>(range));
    }
    PagedVec(std::initializer_list<T> values) : PagedVec() {
        append_n("PagedVec", values.begin(), values.size(), Growth::exact);
    }
    PagedVec(const PagedVec& other) : PagedVec() {
        append_n("PagedVec", other.begin(), other.size(), Growth::exact);
    }
    [[gnu::always_inline]] PagedVec(PagedVec&& other) noexcept : PagedVec() { swap(other); }
    [[gnu::always_inline]] ~PagedVec() { std::destroy(begin(), end_); }

    /// An empty vector on memory of a pool, to which it goes back in the end: what another vector
    /// has left there is its capacity from the start, so that filling it faults no more. A vector
    /// that is copied from it, or that it was moved from, has no pool.
    [[gnu::always_inline]] explicit PagedVec(PagePool& pool)
        requires(alignof(T) <= 4096)
        : PagedVec() {
        if (const Result<void> done = use(pool); !done) [[unlikely]] {
            raise_growth(done.error(), "PagedVec", 0, 0);
        }
    }
    [[nodiscard]] static Result<PagedVec> try_with_pool(PagePool& pool) noexcept
        requires(alignof(T) <= 4096)
    {
        PagedVec vec;
        if (const Result<void> done = vec.use(pool); !done) {
            return std::unexpected(done.error());
        }
        return vec;
    }

    /// The bound of `with_max_capacity` stays with the vector that is copied to, and goes along
    /// with one that is moved.
    PagedVec& operator=(const PagedVec& other) {
        if (this != std::addressof(other)) {
            assign_n("PagedVec::operator=", other.begin(), other.size());
        }
        return *this;
    }
    PagedVec& operator=(PagedVec&& other) noexcept {
        PagedVec(std::move(other)).swap(*this);
        return *this;
    }
    PagedVec& operator=(std::initializer_list<T> values) {
        assign(values);
        return *this;
    }

    /// An empty vector whose capacity is `count` elements, rounded up to whole pages.
    [[nodiscard]] static PagedVec with_capacity(size_type count);
    [[nodiscard]] static Result<PagedVec> try_with_capacity(size_type count) noexcept;

    /// An empty vector of capacity `count` that never moves and never holds more than `max`
    /// elements, its `max_size()`. Address space for all of them is taken now.
    /// `std::length_error`: `count` is more than `max`.
    [[nodiscard]] static PagedVec with_max_capacity(size_type count, size_type max);
    [[nodiscard]] static Result<PagedVec> try_with_max_capacity(size_type count,
                                                                size_type max) noexcept;

    void assign(size_type count, const T& value);
    template <detail::InputIterator It>
    void assign(It first, It last);
    void assign(std::initializer_list<T> values) {
        assign_n("PagedVec::assign", values.begin(), values.size());
    }
    template <detail::ContainerCompatibleRange<T> R>
    void assign_range(R&& range);

    // -- elements ------------------------------------------------------------------------------

    [[nodiscard]] T& operator[](size_type i) noexcept [[clang::lifetimebound]] {
        detail::check_index("PagedVec::operator[]", i, size());
        return begin()[i];
    }
    [[nodiscard]] const T& operator[](size_type i) const noexcept [[clang::lifetimebound]] {
        detail::check_index("PagedVec::operator[]", i, size());
        return begin()[i];
    }
    /// The element at `i`; `std::out_of_range` if there is none.
    [[nodiscard]] T& at(size_type i) [[clang::lifetimebound]] {
        require_index(i);
        return begin()[i];
    }
    [[nodiscard]] const T& at(size_type i) const [[clang::lifetimebound]] {
        require_index(i);
        return begin()[i];
    }
    [[nodiscard]] T& front() noexcept [[clang::lifetimebound]] {
        detail::check_index("PagedVec::front", 0, size());
        return *begin();
    }
    [[nodiscard]] const T& front() const noexcept [[clang::lifetimebound]] {
        detail::check_index("PagedVec::front", 0, size());
        return *begin();
    }
    [[nodiscard]] T& back() noexcept [[clang::lifetimebound]] {
        detail::check_index("PagedVec::back", 0, size());
        return end_[-1];
    }
    [[nodiscard]] const T& back() const noexcept [[clang::lifetimebound]] {
        detail::check_index("PagedVec::back", 0, size());
        return end_[-1];
    }
    [[nodiscard]] T* data() noexcept [[clang::lifetimebound]] { return begin(); }
    [[nodiscard]] const T* data() const noexcept [[clang::lifetimebound]] { return begin(); }

    [[nodiscard]] iterator begin() noexcept [[clang::lifetimebound]] { return objects_in(space_); }
    [[nodiscard]] const_iterator begin() const noexcept [[clang::lifetimebound]] {
        return objects_in(space_);
    }
    [[nodiscard]] iterator end() noexcept [[clang::lifetimebound]] { return end_; }
    [[nodiscard]] const_iterator end() const noexcept [[clang::lifetimebound]] { return end_; }
    [[nodiscard]] reverse_iterator rbegin() noexcept [[clang::lifetimebound]] {
        return reverse_iterator(end());
    }
    [[nodiscard]] const_reverse_iterator rbegin() const noexcept [[clang::lifetimebound]] {
        return const_reverse_iterator(end());
    }
    [[nodiscard]] reverse_iterator rend() noexcept [[clang::lifetimebound]] {
        return reverse_iterator(begin());
    }
    [[nodiscard]] const_reverse_iterator rend() const noexcept [[clang::lifetimebound]] {
        return const_reverse_iterator(begin());
    }
    [[nodiscard]] const_iterator cbegin() const noexcept [[clang::lifetimebound]] {
        return begin();
    }
    [[nodiscard]] const_iterator cend() const noexcept [[clang::lifetimebound]] { return end(); }
    [[nodiscard]] const_reverse_iterator crbegin() const noexcept [[clang::lifetimebound]] {
        return rbegin();
    }
    [[nodiscard]] const_reverse_iterator crend() const noexcept [[clang::lifetimebound]] {
        return rend();
    }

    // -- size and capacity, in elements --------------------------------------------------------

    [[nodiscard]] bool empty() const noexcept { return begin() == end(); }
    [[nodiscard]] size_type size() const noexcept { return static_cast<size_type>(end_ - begin()); }
    /// The bound of `with_max_capacity`, or what a `difference_type` can count.
    [[nodiscard, gnu::always_inline]] size_type max_size() const noexcept {
        return std::min(bound_, static_cast<size_type>(PTRDIFF_MAX) / sizeof(T));
    }
    /// How many elements there is memory for.
    [[nodiscard]] size_type capacity() const noexcept {
        return static_cast<size_type>(limit_ - begin());
    }
    /// Up to how many elements nothing moves, whatever is added.
    [[nodiscard]] size_type stable_capacity() const noexcept {
        return std::min(space_.reserved() / sizeof(T), max_size());
    }

    /// Makes the capacity at least `count`: more if that saves growing soon.
    [[gnu::always_inline]] void reserve(size_type count) {
        grow_or_raise("PagedVec::reserve", count, Growth::doubling);
    }
    [[nodiscard]] Result<void> try_reserve(size_type count) {
        return grow(count, Growth::doubling);
    }
    /// Makes the capacity `count`, rounded up to whole pages, if it is less.
    void reserve_exact(size_type count) {
        grow_or_raise("PagedVec::reserve_exact", count, Growth::exact);
    }
    [[nodiscard]] Result<void> try_reserve_exact(size_type count) {
        return grow(count, Growth::exact);
    }
    /// Gives the memory behind the last element's page back to the system: touching it faults. The
    /// address space stays reserved, and nothing moves.
    void shrink_to_fit() noexcept {
        // A system that does not take memory back keeps it: this is a request.
        (void)space_.decommit_from(size() * sizeof(T));
        update_limit();
    }

    void resize(size_type count);
    void resize(size_type count, const T& value);

    // -- adding --------------------------------------------------------------------------------

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
    [[gnu::always_inline]] void push_back(const T& value) { emplace_back(value); }
    [[gnu::always_inline]] void push_back(T&& value) { emplace_back(std::move(value)); }
    /// The same as `push_back`.
    void push(const T& value) { emplace_back(value); }
    void push(T&& value) { emplace_back(std::move(value)); }

    /// `push_back` that never throws for memory. If it is refused, `value` is as it was.
    [[nodiscard]] Result<void> try_push_back(const T& value) { return try_emplace_back(value); }
    [[nodiscard]] Result<void> try_push_back(T&& value) {
        return try_emplace_back(std::move(value));
    }

    /// Adds `value` at the end if there is memory for it already, else hands it back.
    [[nodiscard]] std::expected<void, T> push_within_capacity(T value) {
        if (end_ == limit_) {
            return std::unexpected<T>(std::move(value));
        }
        emplace_back(std::move(value));
        return {};
    }

    /// Adds all of the range, or nothing if that throws and the range can be walked twice.
    template <detail::ContainerCompatibleRange<T> R>
    void append_range(R&& range) {
        append("PagedVec::append_range", std::forward<R>(range));
    }

    template <class... Args>
    iterator emplace(const_iterator position, Args&&... args);
    iterator insert(const_iterator position, const T& value) { return emplace(position, value); }
    iterator insert(const_iterator position, T&& value) {
        return emplace(position, std::move(value));
    }
    iterator insert(const_iterator position, size_type count, const T& value);
    template <detail::InputIterator It>
    iterator insert(const_iterator position, It first, It last);
    iterator insert(const_iterator position, std::initializer_list<T> values) {
        return insert_n(position, values.begin(), values.size());
    }
    template <detail::ContainerCompatibleRange<T> R>
    iterator insert_range(const_iterator position, R&& range);

    // -- taking away ---------------------------------------------------------------------------

    void pop_back() noexcept {
        detail::check_index("PagedVec::pop_back", 0, size());
        truncate(end_ - 1);
    }
    /// Takes the last element out; nothing of an empty vector.
    std::optional<T> pop() {
        if (empty()) {
            return std::nullopt;
        }
        std::optional<T> last(std::move(end_[-1]));
        truncate(end_ - 1);
        return last;
    }
    /// Takes the element at `i` out; those behind it move down by one.
    T remove(size_type i) {
        detail::check_index("PagedVec::remove", i, size());
        T removed(std::move(begin()[i]));
        erase(begin() + i);
        return removed;
    }
    iterator erase(const_iterator position) {
        detail::check_index("PagedVec::erase", index_of(position), size());
        return erase(position, position + 1);
    }
    iterator erase(const_iterator first, const_iterator last) {
        detail::check_range("PagedVec::erase", index_of(first),
                            static_cast<size_type>(last - first), size());
        T* const to = begin() + index_of(first);
        if (first != last) {
            truncate(std::move(begin() + index_of(last), end_, to));
        }
        return to;
    }
    void clear() noexcept { truncate(begin()); }

    /// Removes all elements and gives their memory back to the system before returning. The
    /// capacity stays, and is paid for again when it is used.
    /// `std::system_error`: the system kept the memory; the elements are gone all the same.
    void clear_decommit() {
        if (const Result<void> done = try_clear_decommit(); !done) [[unlikely]] {
            raise(done.error(), "PagedVec::clear_decommit", space_.committed());
        }
    }
    [[nodiscard]] Result<void> try_clear_decommit() noexcept {
        clear();
        return space_.drop(0, space_.committed());
    }

    /// Whether this vector is to be made of huge pages, for what it holds now and from now on: a
    /// policy other than `default_huge_pages()`. The policy goes along with a vector that is moved
    /// or swapped, and stays with one that is copied to. `require` is a contract error.
    ///
    /// Where they are preferred (`HugePages::prefer`, the default), a vector starts on small pages,
    /// and only what is committed behind its first huge page's worth becomes huge: resident size
    /// stays within one huge page of what the vector holds, and within a page of it while it is
    /// small (Linux: unless `transparent_hugepage/enabled` says always).
    void set_huge_pages(HugePages policy) noexcept { space_.tell(policy); }

    /// Makes huge pages of what is held already, as far as whole ones fit: what was filled before
    /// its policy changed, and the first one. Contents never change.
    /// `std::system_error` with `operation_not_supported`: not here (`Feature::collapsing`).
    void collapse() {
        if (const Result<void> done = try_collapse(); !done) [[unlikely]] {
            raise(done.error(), "PagedVec::collapse", size() * sizeof(T));
        }
    }
    [[nodiscard]] Result<void> try_collapse() noexcept {
        return space_.collapse(size() * sizeof(T));
    }

    [[gnu::always_inline]] void swap(PagedVec& other) noexcept {
        space_.swap(other.space_);
        std::swap(end_, other.end_);
        std::swap(limit_, other.limit_);
        std::swap(bound_, other.bound_);
    }
    friend void swap(PagedVec& a, PagedVec& b) noexcept { a.swap(b); }

    // -- hints: contents never change. Ranges in elements, rounded outward to whole pages ------

    /// Tells the kernel how `count` elements from `first` on will be used. What the system does not
    /// know is a success; `is_supported(advice)` tells. An empty range does nothing.
    ///
    /// `std::system_error` with `invalid_argument`: there are no such elements.
    void advise(Advice advice, size_type first = 0, size_type count = to_end) const {
        if (const Result<void> done = try_advise(advice, first, count); !done) [[unlikely]] {
            raise(done.error(), "PagedVec::advise", size() * sizeof(T));
        }
    }
    [[nodiscard]] Result<void> try_advise(Advice advice, size_type first = 0,
                                          size_type count = to_end) const noexcept {
        if (first > size() || (count != to_end && count > size() - first)) {
            return std::unexpected(std::make_error_code(std::errc::invalid_argument));
        }
        return space_.advise(advice, first * sizeof(T),
                             std::min(count, size() - first) * sizeof(T));
    }
    /// `advise` with `Advice::use_soon`.
    void advise_use_soon(size_type first = 0, size_type count = to_end) const {
        advise(Advice::use_soon, first, count);
    }
    /// `advise` with `Advice::sequential`.
    void advise_use_seq(size_type first = 0, size_type count = to_end) const {
        advise(Advice::sequential, first, count);
    }
    /// `advise` with `Advice::random`.
    void advise_use_rnd(size_type first = 0, size_type count = to_end) const {
        advise(Advice::random, first, count);
    }

private:
    using Growth = detail::Growth;

    /// Whether making a `T` of these is no more than copying a register or two.
    template <class... Args>
    static constexpr bool is_plain_copy =
        sizeof...(Args) == 1 && std::is_trivially_copyable_v<T> &&
        std::is_move_constructible_v<T> && std::is_constructible_v<T, Args...> &&
        sizeof(T) <= 2 * sizeof(void*) &&
        (std::is_scalar_v<T> || (std::is_same_v<std::remove_cvref_t<Args>, T> && ...));

    static T* objects_in(const detail::ReservedSpace& space) noexcept {
        return static_cast<T*>(static_cast<void*>(space.data()));
    }
    [[nodiscard]] size_type index_of(const_iterator position) const noexcept {
        return static_cast<size_type>(position - begin());
    }
    /// `size() + count`, or more than there can be.
    [[nodiscard]] size_type size_with(size_type count) const noexcept {
        return count > max_size() - size() ? to_end : size() + count;
    }
    [[nodiscard]] bool must_move_for(size_type count) const noexcept {
        return !empty() && count > stable_capacity() && count <= max_size();
    }
    void require_index(size_type i) const {
        if (i >= size()) [[unlikely]] {
            raise_out_of_range("PagedVec::at", i, size());
        }
    }
    void update_limit() noexcept {
        limit_ = begin() + std::min(space_.committed() / sizeof(T), max_size());
    }
    void truncate(T* new_end) noexcept {
        std::destroy(new_end, end_);
        end_ = new_end;
    }

    [[gnu::always_inline]] Result<void> use(PagePool& pool) noexcept {
        Result<detail::ReservedSpace> space =
            detail::ReservedSpace::of_pool(pool, detail::roomy_reservation(sizeof(T)));
        if (!space) [[unlikely]] {
            return std::unexpected(space.error());
        }
        space_ = std::move(*space);
        end_ = begin();
        update_limit();
        return {};
    }

    [[gnu::noinline, gnu::cold]] Result<void> grow(size_type count, Growth growth);
    Result<void> move_to_larger(size_type count, Growth growth, T* appended);
    Result<void> move_pages(size_type count, Growth growth, T* appended);
    Result<void> move_elements(size_type count, Growth growth, T* appended);
    template <class... Args>
    Result<void> try_emplace_back(Args&&... args);
    template <class... Args>
    [[gnu::noinline, gnu::cold]] void emplace_back_growing(Args&&... args);

    /// Where no code of the user's runs, this object's address is kept from functions that are not
    /// inlined, so that a compiler can have its pointers in registers throughout a loop.
    [[gnu::always_inline]] void grow_or_raise(const char* call, size_type count, Growth growth) {
        if (count > capacity()) [[unlikely]] {
            grow_now(call, count, growth);
        }
    }
    [[gnu::always_inline]] void grow_now(const char* call, size_type count, Growth growth) {
        if constexpr (std::is_trivially_copyable_v<T>) {
            PagedVec elsewhere;
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
    void or_raise(const Result<void>& done, const char* call, size_type count) const {
        if (!done) [[unlikely]] {
            raise_growth(done.error(), call, count,
                         count > max_size() ? max_size() : stable_capacity());
        }
    }
    [[noreturn, gnu::cold]] static void raise_growth(std::error_code error, const char* call,
                                                     size_type count, size_type maximum);

    template <class It>
    void append_n(const char* call, It from, size_type count, Growth growth);
    template <class It>
    void append(const char* call, It first, It last);
    template <class R>
    void append(const char* call, R&& range);
    template <class It>
    void assign_n(const char* call, It from, size_type count);
    template <class It>
    iterator insert_n(const_iterator position, It from, size_type count);

    detail::ReservedSpace space_;
    T* end_ = nullptr;
    T* limit_ = nullptr;
    size_type bound_ = to_end;
};

/// A vector owns pages and does not point into itself.
template <class T>
struct is_trivially_relocatable<PagedVec<T>> : std::true_type {};

template <detail::InputIterator It>
PagedVec(It, It) -> PagedVec<typename std::iterator_traits<It>::value_type>;
template <std::ranges::input_range R>
PagedVec(from_range_t, R&&) -> PagedVec<std::ranges::range_value_t<R>>;

template <class T>
[[nodiscard]] bool operator==(const PagedVec<T>& a, const PagedVec<T>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}
template <class T>
[[nodiscard]] auto operator<=>(const PagedVec<T>& a, const PagedVec<T>& b)
    -> decltype(detail::synth_three_way(*a.begin(), *b.begin())) {
    return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end(),
                                                  detail::synth_three_way);
}

/// Removes the elements for which `predicate` holds, and says how many there were.
template <class T, class Predicate>
typename PagedVec<T>::size_type erase_if(PagedVec<T>& vec, Predicate predicate) {
    const auto kept_end = std::remove_if(vec.begin(), vec.end(), std::move(predicate));
    const auto removed = static_cast<typename PagedVec<T>::size_type>(vec.end() - kept_end);
    vec.erase(kept_end, vec.end());
    return removed;
}
/// Removes the elements that equal `value`, and says how many there were.
template <class T, class U = T>
typename PagedVec<T>::size_type erase(PagedVec<T>& vec, const U& value) {
    return erase_if(vec, [&value](const T& element) { return element == value; });
}

// -- growing --------------------------------------------------------------------------------------

template <class T>
Result<void> PagedVec<T>::grow(size_type count, Growth growth) {
    if (count <= capacity()) {
        return {};
    }
    if (count > max_size()) {
        return std::unexpected(std::make_error_code(std::errc::value_too_large));
    }
    if (count > stable_capacity()) {
        return move_to_larger(count, growth, nullptr);
    }
    Result<void> done = detail::commit(space_, space_.committed(), count * sizeof(T), growth);
    update_limit();
    return done;
}

/// Moves everything into a larger reservation with memory for `count` elements, and then
/// `*appended` to the end if there is one; it may be an element. A refusal leaves it as it was.
template <class T>
Result<void> PagedVec<T>::move_to_larger(size_type count, Growth growth, T* appended) {
    if constexpr (is_trivially_relocatable_v<T> && std::is_move_constructible_v<T>) {
        return move_pages(count, growth, appended);
    } else {
        return move_elements(count, growth, appended);
    }
}

template <class T>
Result<void> PagedVec<T>::move_pages(size_type count, Growth growth, T* appended) {
    const size_type old_size = size();
    const std::size_t held = space_.committed();
    const size_type needed = count * sizeof(T);
    const bool is_element = std::less_equal<>()(begin(), appended) && std::less<>()(appended, end_);
    const size_type index = is_element ? index_of(appended) : 0;
    if (Result<void> moved =
            space_.move_to_larger(needed, detail::roomy_reservation(needed), alignof(T));
        !moved) {
        return moved;
    }
    // More than that only if it is to be had.
    (void)detail::commit(space_, held, needed, growth);
    end_ = begin() + old_size;
    update_limit();
    if (appended != nullptr) {
        std::construct_at(end_, std::move(is_element ? begin()[index] : *appended));
        ++end_;
    }
    return {};
}

template <class T>
Result<void> PagedVec<T>::move_elements(size_type count, Growth growth, T* appended) {
    const size_type needed = count * sizeof(T);
    Result<detail::ReservedSpace> fresh = detail::ReservedSpace::reserve(
        needed, detail::roomy_reservation(needed), alignof(T), space_.told());
    if (!fresh) {
        return std::unexpected(fresh.error());
    }
    if (Result<void> done = detail::commit(*fresh, space_.committed(), needed, growth); !done) {
        return done;
    }
    T* new_end = objects_in(*fresh);
    if constexpr (std::is_move_constructible_v<T>) {
        detail::Unfinished<T> added(new_end + size());
        if (appended != nullptr) {
            added.add(std::move(*appended));
        }
        detail::Unfinished<T> moved(new_end);
        for (T& element : *this) {
            moved.add(std::move_if_noexcept(element));
        }
        moved.keep();
        new_end = added.keep();
    } else if (!empty()) {
        // What cannot be moved has the place that it was made in.
        return std::unexpected(std::make_error_code(std::errc::value_too_large));
    }
    clear();
    space_.take_place_of(*fresh);
    end_ = new_end;
    update_limit();
    return {};
}

template <class T>
template <class... Args>
Result<void> PagedVec<T>::try_emplace_back(Args&&... args) {
    if constexpr (std::is_move_constructible_v<T>) {
        if (end_ == limit_ && must_move_for(size() + 1)) {
            if constexpr ((sizeof...(Args) == 1) && (std::is_same_v<Args, T> && ...)) {
                return move_to_larger(size() + 1, Growth::doubling, (std::addressof(args), ...));
            } else {
                T value(std::forward<Args>(args)...);
                return move_to_larger(size() + 1, Growth::doubling, std::addressof(value));
            }
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
void PagedVec<T>::emplace_back_growing(Args&&... args) {
    or_raise(try_emplace_back(std::forward<Args>(args)...), "PagedVec::push_back", size() + 1);
}

template <class T>
void PagedVec<T>::raise_growth(std::error_code error, const char* call, size_type count,
                               size_type maximum) {
    if (error == std::errc::value_too_large) {
        raise_length_error(call, count, maximum);
    }
    raise_bad_alloc(error, call, count * sizeof(T));
}

// -- making and assigning -------------------------------------------------------------------------

template <class T>
PagedVec<T> PagedVec<T>::with_capacity(size_type count) {
    PagedVec vec;
    vec.grow_or_raise("PagedVec::with_capacity", count, Growth::exact);
    return vec;
}

template <class T>
Result<PagedVec<T>> PagedVec<T>::try_with_capacity(size_type count) noexcept {
    PagedVec vec;
    if (const Result<void> done = vec.grow(count, Growth::exact); !done) {
        return std::unexpected(done.error());
    }
    return vec;
}

template <class T>
PagedVec<T> PagedVec<T>::with_max_capacity(size_type count, size_type max) {
    constexpr const char* call = "PagedVec::with_max_capacity";
    if (count > max) [[unlikely]] {
        raise_length_error(call, count, max);
    }
    Result<PagedVec> vec = try_with_max_capacity(count, max);
    if (!vec) [[unlikely]] {
        raise_growth(vec.error(), call, max, PagedVec().max_size());
    }
    return std::move(*vec);
}

template <class T>
Result<PagedVec<T>> PagedVec<T>::try_with_max_capacity(size_type count, size_type max) noexcept {
    PagedVec vec;
    if (count > max || max > vec.max_size()) {
        return std::unexpected(std::make_error_code(std::errc::value_too_large));
    }
    if (max != 0) {
        const size_type bytes = max * sizeof(T);
        Result<detail::ReservedSpace> space =
            detail::ReservedSpace::reserve(bytes, bytes, alignof(T));
        if (!space) {
            return std::unexpected(space.error());
        }
        vec.space_ = std::move(*space);
        vec.end_ = vec.limit_ = vec.begin();
    }
    vec.bound_ = max;
    if (const Result<void> done = vec.grow(count, Growth::exact); !done) {
        return std::unexpected(done.error());
    }
    return vec;
}

template <class T>
void PagedVec<T>::assign(size_type count, const T& value) {
    const T copy(value);
    grow_or_raise("PagedVec::assign", count, Growth::exact);
    const size_type kept = std::min(count, size());
    std::fill_n(begin(), kept, copy);
    truncate(begin() + kept);
    end_ = std::uninitialized_fill_n(end_, count - kept, copy);
}

template <class T>
template <detail::InputIterator It>
void PagedVec<T>::assign(It first, It last) {
    if constexpr (detail::MultiPassIterator<It>) {
        assign_n("PagedVec::assign", first, static_cast<size_type>(std::distance(first, last)));
    } else {
        clear();
        append("PagedVec::assign", std::move(first), std::move(last));
    }
}

template <class T>
template <detail::ContainerCompatibleRange<T> R>
void PagedVec<T>::assign_range(R&& range) {
    if constexpr (std::ranges::forward_range<R>) {
        assign_n("PagedVec::assign_range", std::ranges::begin(range),
                 static_cast<size_type>(std::ranges::distance(range)));
    } else {
        clear();
        append("PagedVec::assign_range", std::forward<R>(range));
    }
}

template <class T>
template <class It>
void PagedVec<T>::assign_n(const char* call, It from, size_type count) {
    grow_or_raise(call, count, Growth::exact);
    const size_type kept = std::min(count, size());
    detail::overwrite_n(from, kept, begin());
    truncate(begin() + kept);
    end_ = detail::construct_n(detail::advanced_by(from, kept), count - kept, end_);
}

template <class T>
void PagedVec<T>::resize(size_type count) {
    if (count <= size()) {
        return truncate(begin() + count);
    }
    grow_or_raise("PagedVec::resize", count, Growth::doubling);
    end_ = std::uninitialized_value_construct_n(end_, count - size());
}

template <class T>
void PagedVec<T>::resize(size_type count, const T& value) {
    if (count <= size()) {
        return truncate(begin() + count);
    }
    const T copy(value);
    grow_or_raise("PagedVec::resize", count, Growth::doubling);
    end_ = std::uninitialized_fill_n(end_, count - size(), copy);
}

// -- adding ---------------------------------------------------------------------------------------

template <class T>
template <class It>
void PagedVec<T>::append_n(const char* call, It from, size_type count, Growth growth) {
    grow_or_raise(call, size_with(count), growth);
    end_ = detail::construct_n(std::move(from), count, end_);
}

template <class T>
template <class It>
void PagedVec<T>::append(const char* call, It first, It last) {
    if constexpr (detail::MultiPassIterator<It>) {
        append_n(call, first, static_cast<size_type>(std::distance(first, last)),
                 empty() ? Growth::exact : Growth::doubling);
    } else {
        for (; first != last; ++first) {
            emplace_back(*first);
        }
    }
}

template <class T>
template <class R>
void PagedVec<T>::append(const char* call, R&& range) {
    if constexpr (std::ranges::forward_range<R>) {
        append_n(call, std::ranges::begin(range),
                 static_cast<size_type>(std::ranges::distance(range)),
                 empty() ? Growth::exact : Growth::doubling);
    } else {
        if constexpr (std::ranges::sized_range<R>) {
            grow_or_raise(call, size_with(std::ranges::size(range)), Growth::doubling);
        }
        for (auto&& value : range) {
            emplace_back(std::forward<decltype(value)>(value));
        }
    }
}

template <class T>
template <class... Args>
auto PagedVec<T>::emplace(const_iterator position, Args&&... args) -> iterator {
    const size_type index = index_of(position);
    detail::check_range("PagedVec::insert", index, 0, size());
    if (index == size()) {
        return std::addressof(emplace_back(std::forward<Args>(args)...));
    }
    T value(std::forward<Args>(args)...);
    grow_or_raise("PagedVec::insert", size() + 1, Growth::doubling);
    T* const where = begin() + index;
    T* const last = end_ - 1;
    std::construct_at(end_, std::move(*last));
    ++end_;
    std::move_backward(where, last, last + 1);
    *where = std::move(value);
    return where;
}

template <class T>
auto PagedVec<T>::insert(const_iterator position, size_type count, const T& value) -> iterator {
    const T copy(value);
    const auto copies = std::views::iota(size_type{0}, count) |
                        std::views::transform([&copy](size_type) -> const T& { return copy; });
    return insert_n(position, copies.begin(), count);
}

template <class T>
template <detail::InputIterator It>
auto PagedVec<T>::insert(const_iterator position, It first, It last) -> iterator {
    if constexpr (detail::MultiPassIterator<It>) {
        return insert_n(position, first, static_cast<size_type>(std::distance(first, last)));
    } else {
        PagedVec fetched(std::move(first), std::move(last));
        return insert_n(position, std::make_move_iterator(fetched.begin()), fetched.size());
    }
}

template <class T>
template <detail::ContainerCompatibleRange<T> R>
auto PagedVec<T>::insert_range(const_iterator position, R&& range) -> iterator {
    if constexpr (std::ranges::forward_range<R>) {
        return insert_n(position, std::ranges::begin(range),
                        static_cast<size_type>(std::ranges::distance(range)));
    } else {
        PagedVec fetched(from_range, std::forward<R>(range));
        return insert_n(position, std::make_move_iterator(fetched.begin()), fetched.size());
    }
}

template <class T>
template <class It>
auto PagedVec<T>::insert_n(const_iterator position, It from, size_type count) -> iterator {
    const size_type index = index_of(position);
    detail::check_range("PagedVec::insert", index, 0, size());
    grow_or_raise("PagedVec::insert", size_with(count), Growth::doubling);
    T* const where = begin() + index;
    T* const old_end = end_;
    const size_type behind = size() - index;
    if (count == 0) {
        return where;
    }
    if (count < behind) {
        end_ = std::uninitialized_move(old_end - count, old_end, old_end);
        std::move_backward(where, old_end - count, old_end);
        detail::overwrite_n(from, count, where);
    } else {
        end_ = detail::construct_n(detail::advanced_by(from, behind), count - behind, old_end);
        end_ = std::uninitialized_move(where, old_end, end_);
        detail::overwrite_n(from, behind, where);
    }
    return where;
}

}  // namespace memory_pages
