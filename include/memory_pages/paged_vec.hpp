// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// A vector on its own pages: it grows without copying, and gives memory back.

#include <memory_pages/access.hpp>
#include <memory_pages/advice.hpp>
#include <memory_pages/detail/attributes.hpp>
#include <memory_pages/detail/check.hpp>
#include <memory_pages/detail/refusal.hpp>
#include <memory_pages/detail/reserved_space.hpp>
#include <memory_pages/detail/sequence.hpp>
#include <memory_pages/detail/vec_modifiers.hpp>
#include <memory_pages/detail/vec_storage.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/huge_pages.hpp>
#include <memory_pages/pages.hpp>
#include <memory_pages/relocation.hpp>

#include <algorithm>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <iterator>
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
/// Tag of constructors that take a range: `PagedVec v(from_range, some_view)`. The standard
/// library's own where it has one.
struct from_range_t {
    explicit from_range_t() = default;
};
inline constexpr from_range_t from_range{};
#endif

/// A contiguous sequence with the interface of `std::vector`, on its own pages.
///
/// The vector reserves address space ahead, and commits memory in doubling steps: growth within
/// `stable_capacity()` moves nothing and invalidates nothing. Beyond it the elements move once,
/// into a reservation of 16 times the need: whole pages move if `is_trivially_relocatable<T>` (a
/// second such move copies on kernels whose `mremap(2)` takes one mapping at a time), else single
/// elements. Touching memory beyond `capacity()` faults.
///
/// If the process has a limit on its address space (RLIMIT_AS, `ulimit -v`), a reservation takes at
/// most 1/64 of it, or twice what is needed now if that is more.
///
/// Meant for many elements, since its unit of memory is a page: an empty vector maps nothing, but
/// the first element takes a reservation (two mappings of the system; three if huge pages are
/// preferred and the reservation is larger than two of them) and a whole page.
///
/// Members mean, promise and throw the same as those of `std::vector`; only differences are
/// documented here. Counts and indexes are in elements. `std::bad_alloc`: the system refused memory
/// or address space, and neither the vector nor an argument has changed, except a range that has no
/// size and can be walked only once. `std::length_error`: more than `max_size()`. `with_capacity`,
/// `with_max_capacity`, `reserve`, `reserve_exact`, `push_back`, `clear_decommit`,
/// `decommit_front`, `into_pages`, `from_pages` and `advise` have `try_` twins that return a
/// `Result` (`std::errc::value_too_large` for too many elements); after `try_reserve`, the other
/// members need no memory. Exceptions of constructors of `T` pass through all members. Arguments
/// may be elements of the vector itself. A moved-from vector is empty.
///
/// Iterators are pointers. The preconditions of `[]`, `front`, `back`, `pop_back`, `insert`,
/// `erase`, ... are contract checks. Const members may be called from many threads at once; all
/// others need exclusive access.
template <class T>
class PagedVec {
    static_assert(std::is_same_v<T, std::remove_cv_t<T>>, "elements must not be const or volatile");
    static_assert(!std::is_array_v<T>, "elements must not be arrays: use std::array");

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

    /// In a range argument: up to the last element.
    static constexpr size_type to_end = detail::VecStorage<T>::none;

    // -- making and assigning ------------------------------------------------------------------

    PagedVec() noexcept = default;
    explicit PagedVec(size_type count) {
        storage_.grow_or_raise("PagedVec", count, Growth::exact);
        storage_.set_end(std::uninitialized_value_construct_n(storage_.end(), count));
    }
    PagedVec(size_type count, const T& value) {
        storage_.grow_or_raise("PagedVec", count, Growth::exact);
        storage_.set_end(std::uninitialized_fill_n(storage_.end(), count, value));
    }
    template <detail::InputIterator It>
    PagedVec(It first, It last) {
        detail::append(storage_, "PagedVec", std::move(first), std::move(last));
    }
    template <detail::ContainerCompatibleRange<T> R>
    PagedVec(from_range_t, R&& range) {
        detail::append(storage_, "PagedVec", std::forward<R>(range));
    }
    PagedVec(std::initializer_list<T> values) {
        detail::append_n(storage_, "PagedVec", values.begin(), values.size(), Growth::exact);
    }
    PagedVec(const PagedVec& other) {
        detail::append_n(storage_, "PagedVec", other.begin(), other.size(), Growth::exact);
    }
    [[gnu::always_inline]] PagedVec(PagedVec&& other) noexcept = default;
    [[gnu::always_inline]] ~PagedVec() = default;

    /// An empty vector on memory of a pool, to which the memory returns in the end. Memory that
    /// another vector left there is capacity from the start, and filling it causes no page faults.
    /// Copies of the vector, and a vector that was moved from, have no pool.
    [[gnu::always_inline]] explicit PagedVec(PagePool& pool)
        requires(alignof(T) <= 4096)
    {
        if (const Result<void> done = use(pool); !done) [[unlikely]] {
            storage_.raise_growth(done.error(), "PagedVec", 0, 0);
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

    /// Copying keeps the target's bound of `with_max_capacity`; moving takes the source's bound
    /// along.
    PagedVec& operator=(const PagedVec& other) {
        if (this != std::addressof(other)) {
            detail::assign_n(storage_, "PagedVec::operator=", other.begin(), other.size());
        }
        return *this;
    }
    PagedVec& operator=(PagedVec&& other) noexcept = default;
    PagedVec& operator=(std::initializer_list<T> values) {
        assign(values);
        return *this;
    }

    /// An empty vector with a capacity of `count` elements, rounded up to whole pages.
    [[nodiscard]] static PagedVec with_capacity(size_type count) {
        PagedVec vec;
        vec.storage_.grow_or_raise("PagedVec::with_capacity", count, Growth::exact);
        return vec;
    }
    [[nodiscard]] static Result<PagedVec> try_with_capacity(size_type count) noexcept {
        PagedVec vec;
        if (const Result<void> done = vec.storage_.grow(count, Growth::exact); !done) {
            return std::unexpected(done.error());
        }
        return vec;
    }

    /// An empty vector with a capacity of `count` elements that never moves and never holds more
    /// than `max` elements, its `max_size()`. Reserves address space for `max` elements now.
    /// `std::length_error`: `count` is more than `max`.
    [[nodiscard]] static PagedVec with_max_capacity(size_type count, size_type max);
    [[nodiscard]] static Result<PagedVec> try_with_max_capacity(size_type count,
                                                                size_type max) noexcept;

    void assign(size_type count, const T& value) { detail::assign_fill(storage_, count, value); }
    template <detail::InputIterator It>
    void assign(It first, It last) {
        detail::assign(storage_, "PagedVec::assign", std::move(first), std::move(last));
    }
    void assign(std::initializer_list<T> values) {
        detail::assign_n(storage_, "PagedVec::assign", values.begin(), values.size());
    }
    template <detail::ContainerCompatibleRange<T> R>
    void assign_range(R&& range) {
        detail::assign(storage_, "PagedVec::assign_range", std::forward<R>(range));
    }

    // -- as pages ------------------------------------------------------------------------------

    /// The pages that hold the elements, at the same addresses and without a copy:
    /// `std::move(vec).into_pages().deny_write()` freezes them. All other memory and address space
    /// returns to the system, also that of a pool's vector; this vector is empty then, and has no
    /// pool. Bytes behind the last element are indeterminate. An empty vector gives empty pages.
    /// The pages do not keep a policy for huge pages.
    /// Windows: the address space behind the pages stays reserved until they end.
    ///
    /// `std::system_error`: the system refused to take back memory behind the elements. The vector
    /// is unchanged.
    [[nodiscard]] Pages<AllowRead, AllowWrite, DenyExec> into_pages() &&
        requires std::is_trivially_copyable_v<T>
    {
        const size_type bytes = size() * sizeof(T);
        return detail::or_raise(std::move(*this).try_into_pages(), [&](std::error_code error) {
            raise(error, "PagedVec::into_pages", bytes);
        });
    }
    [[nodiscard]] Result<Pages<AllowRead, AllowWrite, DenyExec>> try_into_pages() && noexcept
        requires std::is_trivially_copyable_v<T>
    {
        return detail::pages_or_error<Pages<AllowRead, AllowWrite, DenyExec>>(
            storage_.to_mapping());
    }

    /// A vector of the first `count` elements in these pages, at the same addresses and without a
    /// copy. Its capacity is what fits into the pages; beyond it the vector moves once.
    ///
    /// `std::system_error` with `invalid_argument`: fewer than `count` elements fit, or the pages
    /// are not aligned for `T`, were split from others, or are huge pages with
    /// `HugePages::require`. The pages are unchanged then, but Clang's use-after-move check regards
    /// them as moved from. The vector keeps their policy for huge pages, and no other option.
    [[nodiscard]] static PagedVec from_pages(Pages<AllowRead, AllowWrite, DenyExec>&& pages,
                                             size_type count)
        requires std::is_trivially_copyable_v<T>
    {
        const size_type fitting = pages.size() / sizeof(T);
        return detail::or_raise(
            try_from_pages(std::move(pages), count),
            [&](std::error_code error) { detail::raise_from_pages(error, count, fitting); });
    }
    [[nodiscard]] static Result<PagedVec> try_from_pages(
        Pages<AllowRead, AllowWrite, DenyExec>&& pages, size_type count) noexcept
        requires std::is_trivially_copyable_v<T>
    {
        PagedVec vec;
        if (const Result<void> done = vec.storage_.use_mapping(detail::OwnerOf::get(pages), count);
            !done) {
            return std::unexpected(done.error());
        }
        return vec;
    }

    // -- elements ------------------------------------------------------------------------------

    [[nodiscard]] T& operator[](size_type i) noexcept [[clang::lifetimebound]] {
        detail::check_index("PagedVec::operator[]", i, size());
        return begin()[i];
    }
    [[nodiscard]] const T& operator[](size_type i) const noexcept [[clang::lifetimebound]] {
        detail::check_index("PagedVec::operator[]", i, size());
        return begin()[i];
    }
    /// The element at index `i`. `std::out_of_range`: there is none.
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
        return storage_.end()[-1];
    }
    [[nodiscard]] const T& back() const noexcept [[clang::lifetimebound]] {
        detail::check_index("PagedVec::back", 0, size());
        return storage_.end()[-1];
    }
    [[nodiscard]] T* data() noexcept [[clang::lifetimebound]] { return begin(); }
    [[nodiscard]] const T* data() const noexcept [[clang::lifetimebound]] { return begin(); }

    /// Raw access: the address of the first element, or of the memory for it; null if nothing was
    /// ever reserved.
    [[nodiscard]] std::uint8_t* address() const noexcept [[clang::lifetimebound]] {
        return static_cast<std::uint8_t*>(static_cast<void*>(storage_.begin()));
    }

    [[nodiscard]] iterator begin() noexcept [[clang::lifetimebound]] { return storage_.begin(); }
    [[nodiscard]] const_iterator begin() const noexcept [[clang::lifetimebound]] {
        return storage_.begin();
    }
    [[nodiscard]] iterator end() noexcept [[clang::lifetimebound]] { return storage_.end(); }
    [[nodiscard]] const_iterator end() const noexcept [[clang::lifetimebound]] {
        return storage_.end();
    }
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

    [[nodiscard]] bool empty() const noexcept { return storage_.empty(); }
    [[nodiscard]] size_type size() const noexcept { return storage_.size(); }
    /// The bound of `with_max_capacity`, or the largest number of elements that `difference_type`
    /// can count.
    [[nodiscard, gnu::always_inline]] size_type max_size() const noexcept {
        return storage_.max_size();
    }
    /// The number of elements that fit into the committed memory.
    [[nodiscard]] size_type capacity() const noexcept { return storage_.capacity(); }
    /// The number of elements up to which adding moves nothing.
    [[nodiscard]] size_type stable_capacity() const noexcept { return storage_.stable_capacity(); }

    /// Makes the capacity at least `count`, or more if that saves growth soon.
    [[gnu::always_inline]] void reserve(size_type count) {
        storage_.grow_or_raise("PagedVec::reserve", count, Growth::doubling);
    }
    [[nodiscard]] Result<void> try_reserve(size_type count) {
        return storage_.grow(count, Growth::doubling);
    }
    /// Makes the capacity `count`, rounded up to whole pages, if it is smaller.
    void reserve_exact(size_type count) {
        storage_.grow_or_raise("PagedVec::reserve_exact", count, Growth::exact);
    }
    [[nodiscard]] Result<void> try_reserve_exact(size_type count) {
        return storage_.grow(count, Growth::exact);
    }
    /// Gives the memory behind the page of the last element back to the system: touching it faults.
    /// The address space stays reserved, and nothing moves.
    void shrink_to_fit() noexcept { storage_.shrink_to_fit(); }

    void resize(size_type count) { detail::resize(storage_, count); }
    void resize(size_type count, const T& value) { detail::resize(storage_, count, value); }

    // -- adding --------------------------------------------------------------------------------

    template <class... Args>
    [[gnu::always_inline]] T& emplace_back(Args&&... args) {
        return storage_.emplace_back(std::forward<Args>(args)...);
    }
    [[gnu::always_inline]] void push_back(const T& value) { emplace_back(value); }
    [[gnu::always_inline]] void push_back(T&& value) { emplace_back(std::move(value)); }
    /// The same as `push_back`.
    void push(const T& value) { emplace_back(value); }
    void push(T&& value) { emplace_back(std::move(value)); }

    /// `push_back` that returns an error when memory is refused. `value` is unchanged then.
    [[nodiscard]] Result<void> try_push_back(const T& value) {
        return storage_.try_emplace_back(value);
    }
    [[nodiscard]] Result<void> try_push_back(T&& value) {
        return storage_.try_emplace_back(std::move(value));
    }

    /// Adds `value` at the end if it fits into `capacity()`, else returns it.
    [[nodiscard]] std::expected<void, T> push_within_capacity(T value) {
        if (storage_.is_full()) {
            return std::unexpected<T>(std::move(value));
        }
        emplace_back(std::move(value));
        return {};
    }

    /// Adds all of the range. If that throws, adds nothing, unless the range can be walked only
    /// once.
    template <detail::ContainerCompatibleRange<T> R>
    void append_range(R&& range) {
        detail::append(storage_, "PagedVec::append_range", std::forward<R>(range));
    }

    template <class... Args>
    iterator emplace(const_iterator position, Args&&... args) {
        return detail::emplace(storage_, place_of(position), std::forward<Args>(args)...);
    }
    iterator insert(const_iterator position, const T& value) { return emplace(position, value); }
    iterator insert(const_iterator position, T&& value) {
        return emplace(position, std::move(value));
    }
    iterator insert(const_iterator position, size_type count, const T& value) {
        return detail::insert_fill(storage_, place_of(position), count, value);
    }
    template <detail::InputIterator It>
    iterator insert(const_iterator position, It first, It last) {
        return detail::insert(storage_, place_of(position), std::move(first), std::move(last));
    }
    iterator insert(const_iterator position, std::initializer_list<T> values) {
        return detail::insert_n<detail::Insert>(storage_, place_of(position), values.begin(),
                                                values.size());
    }
    template <detail::ContainerCompatibleRange<T> R>
    iterator insert_range(const_iterator position, R&& range) {
        return detail::insert_range(storage_, place_of(position), std::forward<R>(range));
    }

    // -- taking away ---------------------------------------------------------------------------

    void pop_back() noexcept {
        detail::check_index("PagedVec::pop_back", 0, size());
        storage_.truncate(storage_.end() - 1);
    }
    /// Removes and returns the last element; `std::nullopt` for an empty vector.
    std::optional<T> pop() {
        if (empty()) {
            return std::nullopt;
        }
        std::optional<T> last(std::move(storage_.end()[-1]));
        storage_.truncate(storage_.end() - 1);
        return last;
    }
    /// Removes and returns the element at index `i`; those behind it move down by one.
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
            storage_.truncate(std::move(begin() + index_of(last), end(), to));
        }
        return to;
    }
    void clear() noexcept { storage_.truncate(begin()); }

    /// Removes all elements and gives their memory back to the system before returning. The
    /// capacity stays, and takes memory again when it is used.
    /// `std::system_error`: the system refused to take the memory. The elements are removed all the
    /// same.
    void clear_decommit() {
        if (const Result<void> done = try_clear_decommit(); !done) [[unlikely]] {
            raise(done.error(), "PagedVec::clear_decommit", storage_.space().committed());
        }
    }
    [[nodiscard]] Result<void> try_clear_decommit() noexcept { return storage_.clear_decommit(); }

    /// Gives the whole pages of the first `count` elements back to the system before returning: for
    /// a log or a queue whose front has been read. The elements stay, with indeterminate values
    /// until they are assigned; indexes, addresses and all later elements are unchanged. Writing to
    /// them takes memory again.
    ///
    /// If the system cannot move pages, a vector that moves when it grows may copy its front; a
    /// vector of `with_max_capacity` never moves.
    /// `std::system_error` with `invalid_argument`: fewer than `count` elements. Any other code:
    /// the system refused to take the memory.
    void decommit_front(size_type count)
        requires std::is_trivially_copyable_v<T>
    {
        if (const Result<void> done = try_decommit_front(count); !done) [[unlikely]] {
            detail::raise_elements(done.error(), "PagedVec::decommit_front", 0, count, size());
        }
    }
    [[nodiscard]] Result<void> try_decommit_front(size_type count) noexcept
        requires std::is_trivially_copyable_v<T>
    {
        if (count > size()) {
            return std::unexpected(std::make_error_code(std::errc::invalid_argument));
        }
        return storage_.space().drop(0, count * sizeof(T));
    }

    /// Sets the policy of this vector for huge pages, for the memory that it has and from now on,
    /// instead of `default_huge_pages()`. Moves and swaps take the policy along; copies into a
    /// vector keep the target's. `require` is a contract error.
    ///
    /// With `HugePages::prefer`, the default, a vector starts on small pages, and only memory
    /// behind its first huge page's worth becomes huge: its resident size exceeds its elements by
    /// less than one huge page, and by less than a page while it is small (Linux: unless
    /// `transparent_hugepage/enabled` is `always`).
    void set_huge_pages(HugePages policy) noexcept { storage_.space().set_policy(policy); }

    /// Makes huge pages of the memory of the elements, as far as whole ones fit: memory that was
    /// filled before the policy changed, and the first huge page. Contents never change.
    /// `std::system_error` with `operation_not_supported`: not on this system
    /// (`Feature::collapsing`).
    void collapse() {
        if (const Result<void> done = try_collapse(); !done) [[unlikely]] {
            raise(done.error(), "PagedVec::collapse", size() * sizeof(T));
        }
    }
    [[nodiscard]] Result<void> try_collapse() noexcept {
        return storage_.space().collapse(size() * sizeof(T));
    }

    [[gnu::always_inline]] void swap(PagedVec& other) noexcept { storage_.swap(other.storage_); }
    friend void swap(PagedVec& a, PagedVec& b) noexcept { a.swap(b); }

    // -- hints: contents never change. Ranges in elements, rounded outward to whole pages ------

    /// Tells the kernel how `count` elements from index `first` will be used. Advice that the
    /// system does not support is ignored; see `is_supported(advice)`. An empty range does nothing.
    ///
    /// `std::system_error` with `invalid_argument`: there are no such elements.
    void advise(Advice advice, size_type first = 0, size_type count = to_end) const {
        if (const Result<void> done = try_advise(advice, first, count); !done) [[unlikely]] {
            detail::raise_elements(done.error(), "PagedVec::advise", first, count, size());
        }
    }
    [[nodiscard]] Result<void> try_advise(Advice advice, size_type first = 0,
                                          size_type count = to_end) const noexcept {
        if (first > size() || (count != to_end && count > size() - first)) {
            return std::unexpected(std::make_error_code(std::errc::invalid_argument));
        }
        return storage_.space().advise(advice, first * sizeof(T),
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

    [[nodiscard]] size_type index_of(const_iterator position) const noexcept {
        return storage_.index_of(position);
    }
    /// The index of the position for new elements, checked.
    [[nodiscard]] size_type place_of(const_iterator position) const noexcept {
        const size_type index = index_of(position);
        detail::check_range("PagedVec::insert", index, 0, size());
        return index;
    }
    void require_index(size_type i) const {
        if (i >= size()) [[unlikely]] {
            raise_out_of_range("PagedVec::at", i, size());
        }
    }
    [[gnu::always_inline]] Result<void> use(PagePool& pool) noexcept {
        Result<detail::ReservedSpace> space = detail::ReservedSpace::of_pool(pool, sizeof(T));
        if (!space) [[unlikely]] {
            return std::unexpected(space.error());
        }
        storage_.use(std::move(*space));
        return {};
    }

    detail::VecStorage<T> storage_;
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

/// Removes the elements for which `predicate` is true, and returns their number.
template <class T, class Predicate>
typename PagedVec<T>::size_type erase_if(PagedVec<T>& vec, Predicate predicate) {
    const auto kept_end = std::remove_if(vec.begin(), vec.end(), std::move(predicate));
    const auto removed = static_cast<typename PagedVec<T>::size_type>(vec.end() - kept_end);
    vec.erase(kept_end, vec.end());
    return removed;
}
/// Removes the elements that equal `value`, and returns their number.
template <class T, class U = T>
typename PagedVec<T>::size_type erase(PagedVec<T>& vec, const U& value) {
    return erase_if(vec, [&value](const T& element) { return element == value; });
}

template <class T>
PagedVec<T> PagedVec<T>::with_max_capacity(size_type count, size_type max) {
    constexpr const char* call = "PagedVec::with_max_capacity";
    if (count > max) [[unlikely]] {
        raise_length_error(call, count, max);
    }
    Result<PagedVec> vec = try_with_max_capacity(count, max);
    if (!vec) [[unlikely]] {
        detail::VecStorage<T>::raise_growth(vec.error(), call, max, PagedVec().max_size());
    }
    return std::move(*vec);
}

template <class T>
Result<PagedVec<T>> PagedVec<T>::try_with_max_capacity(size_type count, size_type max) noexcept {
    PagedVec vec;
    if (count > max) {
        return std::unexpected(std::make_error_code(std::errc::value_too_large));
    }
    if (const Result<void> done = vec.storage_.use_bound(max); !done) {
        return std::unexpected(done.error());
    }
    if (const Result<void> done = vec.storage_.grow(count, Growth::exact); !done) {
        return std::unexpected(done.error());
    }
    return vec;
}

/// Vectors of references do not exist.
template <class T>
    requires std::is_reference_v<T>
class PagedVec<T> {
    static_assert(!std::is_reference_v<T>, "elements must not be references: use pointers");
};

}  // namespace memory_pages
