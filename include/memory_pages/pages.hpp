// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Owned pages whose permissions are part of their type.

#include <memory_pages/access.hpp>
#include <memory_pages/advice.hpp>
#include <memory_pages/detail/attributes.hpp>
#include <memory_pages/detail/borrow.hpp>
#include <memory_pages/detail/check.hpp>
#include <memory_pages/detail/mapping.hpp>
#include <memory_pages/detail/writing_code.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/options.hpp>
#include <memory_pages/ranges.hpp>

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace memory_pages {

class PagePool;
class Reservation;
class UntypedReservation;

template <class Signature>
class FnRef;

namespace detail {

class GuardedMapping;

/// Complete only where `memory_pages/unsafe_write_exec.hpp` is included.
template <class E>
struct WriteExecGate;

/// What may be seen as an array of `T` without copying: it may be made of bytes, and pages are
/// aligned for it. That these bytes are a value of it (a `bool`, an enumeration) is up to the user.
template <class T>
concept Viewable = std::is_trivially_copyable_v<T> && std::is_object_v<T> && !std::is_const_v<T> &&
                   alignof(T) <= 4096;

}  // namespace detail

/// Pages that were let go of by `release()`: nobody owns them until they are `adopt`ed. The types
/// say what their permissions are.
template <ReadPermission R, WritePermission W, ExecPermission E>
struct RawPages {
    std::uint8_t* address = nullptr;  ///< The first byte; page-aligned.
    std::size_t size = 0;             ///< In bytes; whole pages.
    detail::Mapping::Kind kind = 0;   ///< How they were made; to be handed back as it is.
};

/// Whole pages of memory that may be used as R, W and E say, and in no other way: what is not
/// allowed does not compile. `Pages<R, W, E>` is its name for pages with a mapping of their own,
/// `PooledPages<R, W, E>` for those of a `PagePool`, `PageRange<R, W, E>` for those of a
/// `Reservation`, `GuardedPages<R, W, E>` for those between guards; `Owner` is the untyped owner
/// below.
///
/// Moves only; `Pages` are two words, the others a few more. A moved-from object may be destroyed,
/// assigned to, swapped and asked its size (0); anything else is a contract error. Changes of
/// permission consume the object and return another: `auto frozen =
/// std::move(pages).deny_write();`.
///
/// Verbs that enter the system have two doors: a plain one that throws `std::system_error`, and a
/// `try_` twin that returns a `Result`. A bad argument to them is `std::errc::invalid_argument`. A
/// failed verb leaves the object as it was.
///
/// Const members may be called from any thread at once; all others need exclusive use.
template <class Owner, ReadPermission R, WritePermission W, ExecPermission E>
class [[nodiscard, clang::consumable(unknown)]] BasicPages {
    static_assert(requires { sizeof(E); }, "executable pages: #include <memory_pages/exec.hpp>");
    static_assert(
        std::same_as<W, DenyWrite> || std::same_as<E, DenyExec> ||
            requires { sizeof(detail::WriteExecGate<E>); },
        "pages that are writable and executable at once: "
        "#include <memory_pages/unsafe_write_exec.hpp>");

    template <class, ReadPermission, WritePermission, ExecPermission>
    friend class BasicPages;
    friend class PagePool;
    friend class Reservation;
    friend class UntypedReservation;

    template <class R2, class W2, class E2>
    using With = BasicPages<Owner, R2, W2, E2>;

    template <class To>
    using Changed = std::expected<To, Refused<BasicPages>>;

    static constexpr bool readable = std::same_as<R, AllowRead>;
    static constexpr bool writable = std::same_as<W, AllowWrite>;
    static constexpr bool executable = std::same_as<E, AllowExec>;
    static constexpr bool has_own_mapping = std::same_as<Owner, detail::Mapping>;
    static constexpr bool editable = readable && writable;
    static constexpr bool touchable = readable || writable;
    static constexpr bool resizable = writable && !executable && has_own_mapping;
    static constexpr bool patchable = writable && executable;
    static constexpr bool has_guards = std::same_as<Owner, detail::GuardedMapping>;
    static constexpr bool divisible = requires(Owner& owner) { owner.split(std::size_t{}); };
    static constexpr detail::Access access = detail::access_of<R, W, E>;

    struct NothingToDo {};
    using Writing = std::conditional_t<patchable, detail::WritingCode, NothingToDo>;

public:
    using value_type = std::uint8_t;
    using size_type = std::size_t;
    using iterator = std::conditional_t<writable, std::uint8_t*, const std::uint8_t*>;
    using const_iterator = const std::uint8_t*;

    /// In a range argument: as far as the pages go.
    static constexpr std::size_t to_end = std::dynamic_extent;

    // -- making them --------------------------------------------------------------------------

    /// Maps at least `bytes` bytes, rounded up to whole pages, which read zero.
    ///
    /// Charged like `malloc`'s memory: a size that the system cannot give is refused here.
    /// `invalid_argument`: 0 bytes, or an alignment that is not a power of two.
    /// `not_enough_memory`, or the `PageError` that stood in the way: no such run of pages.
    explicit BasicPages(std::size_t bytes, PageOptions options = {})
        requires has_own_mapping
        : owner_(or_raise(Owner::map(bytes, access, Owner::kind_of(options)), "Pages", bytes)) {}

    /// The same without throwing.
    [[nodiscard]] static Result<BasicPages> try_new(std::size_t bytes,
                                                    PageOptions options = {}) noexcept
        requires has_own_mapping
    {
        Result<Owner> owner = Owner::map(bytes, access, Owner::kind_of(options));
        if (!owner) {
            return std::unexpected(owner.error());
        }
        return BasicPages(std::move(*owner));
    }

    /// Takes over pages that `release` let go of, or that were mapped by hand as private anonymous
    /// pages with exactly these permissions.
    ///
    /// `invalid_argument`: not whole pages.
    [[nodiscard]] static Result<BasicPages> try_adopt(RawPages<R, W, E> raw) noexcept
        requires has_own_mapping
    {
        Result<Owner> owner = Owner::adopt(raw.address, raw.size, raw.kind);
        if (!owner) {
            return std::unexpected(owner.error());
        }
        return BasicPages(std::move(*owner));
    }

    /// The same, throwing.
    [[nodiscard]] static BasicPages adopt(RawPages<R, W, E> raw)
        requires has_own_mapping
    {
        return BasicPages(
            or_raise(Owner::adopt(raw.address, raw.size, raw.kind), "Pages::adopt", raw.size));
    }

    /// Lets go of the pages without unmapping them.
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    RawPages<R, W, E> release() && noexcept
        requires has_own_mapping
    {
        check_live("Pages::release");
        BasicPages taken = std::move(*this);
        const RawPages<R, W, E> raw{taken.owner_.data(), taken.owner_.size(), taken.owner_.kind()};
        taken.owner_.forget();
        return raw;
    }

    /// Pages with guards around them, which read zero; see `GuardedPages`. Errors as above; address
    /// space is needed for the guards too.
    explicit BasicPages(std::size_t bytes, GuardOptions guards = {})
        requires has_guards
        : owner_(or_raise(Owner::map(bytes, access, guards), "GuardedPages", bytes)) {}
    [[nodiscard]] static Result<BasicPages> try_new(std::size_t bytes,
                                                    GuardOptions guards = {}) noexcept
        requires has_guards
    {
        Result<Owner> owner = Owner::map(bytes, access, guards);
        if (!owner) {
            return std::unexpected(owner.error());
        }
        return BasicPages(std::move(*owner));
    }

    BasicPages(BasicPages&&) noexcept = default;
    BasicPages& operator=(BasicPages&&) noexcept = default;
    ~BasicPages() = default;

    void swap(BasicPages& other) noexcept { owner_.swap(other.owner_); }
    friend void swap(BasicPages& a, BasicPages& b) noexcept { a.swap(b); }

    // -- changing permissions -----------------------------------------------------------------
    //
    // Contents are kept. To the same permissions no system call is made. If the system refuses,
    // the throwing door leaves its source as it was, and the `try_` twin hands the pages back in a
    // `Refused`. On the way to executable pages, what was written is published to every thread.

    /// The same pages, readable.
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    With<AllowRead, W, E> allow_read() && {
        return become<With<AllowRead, W, E>>("Pages::allow_read");
    }
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    Changed<With<AllowRead, W, E>> try_allow_read() && noexcept {
        return try_become<With<AllowRead, W, E>>("Pages::try_allow_read");
    }

    /// The same pages, not readable. Beside another right, the processor enforces this only where
    /// `is_enforced()` of the new type says so.
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    With<DenyRead, W, E> deny_read() && {
        return become<With<DenyRead, W, E>>("Pages::deny_read");
    }
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    Changed<With<DenyRead, W, E>> try_deny_read() && noexcept {
        return try_become<With<DenyRead, W, E>>("Pages::try_deny_read");
    }

    /// The same pages, writable. Of executable pages this makes writable and executable ones,
    /// which `memory_pages/unsafe_write_exec.hpp` must open the gate for.
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    With<R, AllowWrite, E> allow_write() && {
        return become<With<R, AllowWrite, E>>("Pages::allow_write");
    }
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    Changed<With<R, AllowWrite, E>> try_allow_write() && noexcept {
        return try_become<With<R, AllowWrite, E>>("Pages::try_allow_write");
    }

    /// The same pages, not writable.
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    With<R, DenyWrite, E> deny_write() && {
        return become<With<R, DenyWrite, E>>("Pages::deny_write");
    }
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    Changed<With<R, DenyWrite, E>> try_deny_write() && noexcept {
        return try_become<With<R, DenyWrite, E>>("Pages::try_deny_write");
    }

    /// The same pages, writable and not executable: the way back from executable ones.
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    With<R, AllowWrite, DenyExec> allow_write_no_exec() && {
        return become<With<R, AllowWrite, DenyExec>>("Pages::allow_write_no_exec");
    }
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    Changed<With<R, AllowWrite, DenyExec>> try_allow_write_no_exec() && noexcept {
        return try_become<With<R, AllowWrite, DenyExec>>("Pages::try_allow_write_no_exec");
    }

    /// The same pages, executable. Of writable pages this makes writable and executable ones;
    /// `set_protected_exec` does not.
    template <class Gate = AllowExec>
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    With<R, W, Gate> allow_exec() && {
        return this->template become<With<R, W, Gate>>("Pages::allow_exec");
    }
    template <class Gate = AllowExec>
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    Changed<With<R, W, Gate>> try_allow_exec() && noexcept {
        return this->template try_become<With<R, W, Gate>>("Pages::try_allow_exec");
    }

    /// The same pages, not executable.
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    With<R, W, DenyExec> deny_exec() && {
        return become<With<R, W, DenyExec>>("Pages::deny_exec");
    }
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    Changed<With<R, W, DenyExec>> try_deny_exec() && noexcept {
        return try_become<With<R, W, DenyExec>>("Pages::try_deny_exec");
    }

    /// The same pages, executable and not writable: what finished code should be.
    template <class Gate = AllowExec>
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    With<R, DenyWrite, Gate> set_protected_exec() && {
        return this->template become<With<R, DenyWrite, Gate>>("Pages::set_protected_exec");
    }
    template <class Gate = AllowExec>
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    Changed<With<R, DenyWrite, Gate>> try_set_protected_exec() && noexcept {
        return this->template try_become<With<R, DenyWrite, Gate>>("Pages::try_set_protected_exec");
    }

    /// Whether the processor of this system itself refuses all that these permissions deny. Denied
    /// writing, denied executing and no access at all always are; denied reading beside another
    /// right is on few.
    [[nodiscard]] static bool is_enforced() noexcept { return Owner::is_enforced(access); }

    // -- looking at the bytes -----------------------------------------------------------------

    /// Bytes owned: whole pages. 0 when moved from.
    [[nodiscard]] std::size_t size() const noexcept { return owner_.size(); }

    /// The byte at `i`, which must be below `size()` (contract check).
    [[nodiscard, clang::callable_when("unknown")]]
    const std::uint8_t& operator[](std::size_t i) const& noexcept [[clang::lifetimebound]]
        requires readable
    {
        detail::check_index("Pages::operator[]", i, size());
        return owner_.data()[i];
    }
    [[nodiscard, clang::callable_when("unknown")]]
    std::uint8_t& operator[](std::size_t i) & noexcept [[clang::lifetimebound]]
        requires editable
    {
        detail::check_index("Pages::operator[]", i, size());
        return owner_.data()[i];
    }
    void operator[](std::size_t i) const&& = delete;

    /// The byte at `i`; `std::out_of_range` if there is none.
    [[nodiscard, clang::callable_when("unknown")]]
    const std::uint8_t& at(std::size_t i) const& [[clang::lifetimebound]]
        requires readable
    {
        require_index(i);
        return owner_.data()[i];
    }
    [[nodiscard, clang::callable_when("unknown")]]
    std::uint8_t& at(std::size_t i) & [[clang::lifetimebound]]
        requires editable
    {
        require_index(i);
        return owner_.data()[i];
    }
    void at(std::size_t i) const&& = delete;

    /// The first byte; page-aligned, or aligned as asked.
    [[nodiscard, clang::callable_when("unknown")]]
    const std::uint8_t* data() const& noexcept [[clang::lifetimebound]]
        requires readable
    {
        check_live("Pages::data");
        return owner_.data();
    }
    [[nodiscard, clang::callable_when("unknown")]]
    std::uint8_t* data() & noexcept [[clang::lifetimebound]]
        requires editable
    {
        check_live("Pages::data");
        return owner_.data();
    }
    void data() const&& = delete;

    /// All bytes, as a span.
    [[nodiscard, clang::callable_when("unknown")]]
    std::span<const std::uint8_t> bytes() const& noexcept [[clang::lifetimebound]]
        requires readable
    {
        check_live("Pages::bytes");
        return {owner_.data(), size()};
    }
    [[nodiscard, clang::callable_when("unknown")]]
    std::span<std::uint8_t> bytes() & noexcept [[clang::lifetimebound]]
        requires editable
    {
        check_live("Pages::bytes");
        return {owner_.data(), size()};
    }
    void bytes() const&& = delete;

    /// The pages as an array of `size() / sizeof(T)` objects whose values are the bytes that are
    /// there, as by `std::start_lifetime_as`. `T` is trivially copyable; only const where the
    /// pages are read-only. Bytes behind the last whole object are not part of it.
    template <detail::Viewable T>
    [[nodiscard, clang::callable_when("unknown")]]
    std::span<const T> as() const& noexcept [[clang::lifetimebound]]
        requires readable
    {
        check_live("Pages::as");
        return all_as<const T>();
    }
    template <detail::Viewable T>
    [[nodiscard, clang::callable_when("unknown")]]
    std::span<T> as() & noexcept [[clang::lifetimebound]]
        requires editable
    {
        check_live("Pages::as");
        return all_as<T>();
    }
    template <class T>
    void as() const&& = delete;

    [[nodiscard, clang::callable_when("unknown")]]
    const_iterator begin() const& noexcept [[clang::lifetimebound]]
        requires readable
    {
        check_live("Pages::begin");
        return owner_.data();
    }
    [[nodiscard, clang::callable_when("unknown")]]
    iterator begin() & noexcept [[clang::lifetimebound]]
        requires editable
    {
        check_live("Pages::begin");
        return owner_.data();
    }
    [[nodiscard, clang::callable_when("unknown")]]
    const_iterator end() const& noexcept [[clang::lifetimebound]]
        requires readable
    {
        check_live("Pages::end");
        return owner_.data() + size();
    }
    [[nodiscard, clang::callable_when("unknown")]]
    iterator end() & noexcept [[clang::lifetimebound]]
        requires editable
    {
        check_live("Pages::end");
        return owner_.data() + size();
    }
    void begin() const&& = delete;
    void end() const&& = delete;

    /// Raw access: the address of the byte at `offset`, which must be below `size()` (contract
    /// check). What is done through it is not checked by type.
    [[nodiscard, clang::callable_when("unknown")]]
    const std::uint8_t* get_ptr(std::size_t offset = 0) const& noexcept [[clang::lifetimebound]]
        requires readable
    {
        detail::check_index("Pages::get_ptr", offset, size());
        return owner_.data() + offset;
    }
    void get_ptr(std::size_t offset = 0) const&& = delete;

    /// The same for changing. Of write-only pages, do not read through it.
    [[nodiscard, clang::callable_when("unknown")]]
    std::uint8_t* get_ptr_mut(std::size_t offset = 0) & noexcept [[clang::lifetimebound]]
        requires writable
    {
        detail::check_index("Pages::get_ptr_mut", offset, size());
        return owner_.data() + offset;
    }
    void get_ptr_mut(std::size_t offset = 0) const&& = delete;

    /// Copies `source` to the bytes from `offset` on. They must lie within the pages (contract
    /// check). The way to fill write-only pages.
    [[clang::callable_when("unknown")]]
    void write_at(std::size_t offset, std::span<const std::uint8_t> source) & noexcept
        requires writable
    {
        check_live("Pages::write_at");
        detail::check_range("Pages::write_at", offset, source.size(), size());
        if (!source.empty()) {
            [[maybe_unused]] const Writing writing{};
            std::memmove(owner_.data() + offset, source.data(), source.size());
        }
    }

    /// Lends all bytes to `use`, to change them, for the time of one call, and returns what that
    /// returns: `pages.write([](std::span<std::uint8_t> bytes) { ... })`. With a type, as by `as`:
    /// `pages.write<float>([](std::span<float> samples) { ... })`.
    ///
    /// In hardened builds whoever changes the pages until `use` is done (their permissions, their
    /// size, all of their contents at once, or unmaps them) is stopped with a message. In others
    /// that is up to the user, and this costs nothing. Nothing of the span may be kept.
    ///
    /// Pages that are writable and executable may need this, or `write_at`, to be written at all:
    /// on arm64 macOS a thread may either write such pages or run them, so `use` must not run them.
    /// Of write-only pages, do not read the span.
    template <detail::Viewable T = std::uint8_t, std::invocable<std::span<T>> Use>
    [[clang::callable_when("unknown")]]
    decltype(auto) write(Use&& use) & noexcept(std::is_nothrow_invocable_v<Use, std::span<T>>)
        requires writable
    {
        check_live("Pages::write");
        const detail::Borrow borrow(owner_.data());
        [[maybe_unused]] const Writing writing{};
        return std::forward<Use>(use)(all_as<T>());
    }

    /// The same for looking only.
    template <detail::Viewable T = std::uint8_t, std::invocable<std::span<const T>> Use>
    [[clang::callable_when("unknown")]]
    decltype(auto) read(Use&& use) const
        noexcept(std::is_nothrow_invocable_v<Use, std::span<const T>>)
        requires readable
    {
        check_live("Pages::read");
        const detail::Borrow borrow(owner_.data());
        return std::forward<Use>(use)(all_as<const T>());
    }

    // -- size ---------------------------------------------------------------------------------

    /// Changes the size to at least `bytes` bytes, rounded up to whole pages. Contents are kept as
    /// far as they fit, new bytes read zero, the options are kept. The address may change, so what
    /// was borrowed is invalid. Usage hints may be forgotten.
    ///
    /// Linux: `mremap(2)`, which moves pages without copying; by hand where it cannot, and where
    /// pages with the option `populate` grow.
    /// ThreadSanitizer does not know that call, and may take an address used again for a race.
    [[clang::callable_when("unknown")]]
    void resize(std::size_t bytes) &
        requires resizable
    {
        if (const Result<void> done = try_resize(bytes); !done) [[unlikely]] {
            raise(done.error(), "Pages::resize", bytes);
        }
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_resize(std::size_t bytes) & noexcept
        requires resizable
    {
        check_live("Pages::resize");
        return owner_.resize(bytes, access);
    }

    // -- splitting and joining ------------------------------------------------------------------

    /// Two owners of the same pages: the first `offset` bytes, and what is behind them. From now on
    /// each has permissions and an end of its own. No page is touched.
    ///
    /// `invalid_argument`: nothing would be left on one side, or no whole pages (huge ones where
    /// those are required). `not_enough_memory`: there is none to note it. A refusal changes
    /// nothing, and the `try_` twin hands the pages back.
    /// A part that is `resize`d becomes a mapping of its own, and is copied. Windows: the addresses
    /// of a part that has ended are free again once all parts have; its memory at once.
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    std::pair<BasicPages, BasicPages> split_at(std::size_t offset) &&
        requires divisible
    {
        check_live("Pages::split_at");
        Result<Owner> behind = owner_.split(offset);
        if (!behind) [[unlikely]] {
            raise(behind.error(), "Pages::split_at", size());
        }
        BasicPages taken = std::move(*this);
        return {std::move(taken), BasicPages(std::move(*behind))};
    }
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    Changed<std::pair<BasicPages, BasicPages>> try_split_at(std::size_t offset) && noexcept
        requires divisible
    {
        check_live("Pages::try_split_at");
        Result<Owner> behind = owner_.split(offset);
        if (!behind) [[unlikely]] {
            return std::unexpected(Refused<BasicPages>{behind.error(), std::move(*this)});
        }
        BasicPages taken = std::move(*this);
        return std::pair(std::move(taken), BasicPages(std::move(*behind)));
    }

    /// One owner of these pages and of those right behind them, which were split from each other,
    /// at once or step by step. Their permissions are the same, as their type says.
    ///
    /// `invalid_argument`: they are no neighbours, in this order, or no parts of one mapping (one
    /// reservation). Both are then as they were, and the `try_` twin hands them back.
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    BasicPages join(BasicPages&& behind) &&
        requires divisible
    {
        check_live("Pages::join");
        behind.check_live("Pages::join");
        if (const Result<void> done = owner_.join(behind.owner_); !done) [[unlikely]] {
            raise(done.error(), "Pages::join", size() + behind.size());
        }
        BasicPages taken = std::move(*this);
        return taken;
    }
    [[nodiscard, clang::callable_when("unknown"), clang::set_typestate(consumed)]]
    std::expected<BasicPages, Refused<std::pair<BasicPages, BasicPages>>> try_join(
        BasicPages&& behind) && noexcept
        requires divisible
    {
        check_live("Pages::try_join");
        behind.check_live("Pages::try_join");
        if (const Result<void> done = owner_.join(behind.owner_); !done) [[unlikely]] {
            return std::unexpected(Refused<std::pair<BasicPages, BasicPages>>{
                done.error(), {std::move(*this), std::move(behind)}});
        }
        BasicPages taken = std::move(*this);
        return taken;
    }

    // -- hints: contents never change. Ranges in bytes, rounded outward to whole pages ---------

    /// Tells the kernel how a range will be used. What the system does not know is a success;
    /// `is_supported(advice)` tells. An empty range does nothing.
    ///
    /// `invalid_argument`: the range does not lie within the pages.
    [[clang::callable_when("unknown")]]
    void advise(Advice advice, std::size_t offset = 0, std::size_t bytes = to_end) const {
        or_raise(try_advise(advice, offset, bytes), "Pages::advise", bytes);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_advise(Advice advice, std::size_t offset = 0,
                            std::size_t bytes = to_end) const noexcept {
        check_live("Pages::advise");
        return owner_.advise(advice, offset, length(offset, bytes));
    }

    /// The same for many ranges, in fewer system calls where the system has one for many, and where
    /// neighbours follow each other. They may overlap.
    ///
    /// `invalid_argument`: a range does not lie within the pages; then nothing was done.
    /// Linux 6.14: `process_madvise(2)`. Windows: PrefetchVirtualMemory.
    [[clang::callable_when("unknown")]]
    void advise(Advice advice, std::span<const ByteRange> ranges) const {
        or_raise(try_advise(advice, ranges), "Pages::advise", ranges);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_advise(Advice advice, std::span<const ByteRange> ranges) const noexcept {
        check_live("Pages::advise");
        return owner_.advise(advice, ranges);
    }

    /// `advise` with `Advice::use_soon`.
    [[clang::callable_when("unknown")]]
    void advise_use_soon(std::size_t offset = 0, std::size_t bytes = to_end) const {
        advise(Advice::use_soon, offset, bytes);
    }
    /// `advise` with `Advice::sequential`.
    [[clang::callable_when("unknown")]]
    void advise_use_seq(std::size_t offset = 0, std::size_t bytes = to_end) const {
        advise(Advice::sequential, offset, bytes);
    }
    /// `advise` with `Advice::random`.
    [[clang::callable_when("unknown")]]
    void advise_use_rnd(std::size_t offset = 0, std::size_t bytes = to_end) const {
        advise(Advice::random, offset, bytes);
    }

    /// Makes a range resident now: touching it later does not fault. Contents never change.
    /// A system without enough memory answers with an error, not with a signal (Linux 5.14).
    [[clang::callable_when("unknown")]]
    void populate(std::size_t offset = 0, std::size_t bytes = to_end) const
        requires touchable
    {
        or_raise(try_populate(offset, bytes), "Pages::populate", bytes);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_populate(std::size_t offset = 0, std::size_t bytes = to_end) const noexcept
        requires touchable
    {
        check_live("Pages::populate");
        return owner_.populate(offset, length(offset, bytes), access);
    }

    /// Makes huge pages of a range that is filled already, as far as whole ones fit: reading it in
    /// no order is faster from then on. Copies the bytes of pages that are no huge ones yet, and
    /// what was never touched becomes resident too. Contents never change.
    ///
    /// `operation_not_supported`: not here (`Feature::collapsing`), or not for pages that are never
    /// to be huge. `resource_unavailable_try_again`: not at this moment.
    /// Linux: `madvise(2)` MADV_COLLAPSE.
    [[clang::callable_when("unknown")]]
    void collapse(std::size_t offset = 0, std::size_t bytes = to_end) const {
        or_raise(try_collapse(offset, bytes), "Pages::collapse", bytes);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_collapse(std::size_t offset = 0, std::size_t bytes = to_end) const noexcept {
        check_live("Pages::collapse");
        return owner_.collapse(offset, length(offset, bytes));
    }

    // -- giving memory back: ranges in bytes, whole pages exactly -------------------------------

    /// Gives the memory behind a range back: resident size falls before return. The range stays
    /// usable; its contents are indeterminate (on Linux zero, but do not count on it: say `zero`).
    ///
    /// `invalid_argument`: not whole pages, or not within the pages.
    /// Linux: `madvise(2)` MADV_DONTNEED; for locked pages MADV_DONTNEED_LOCKED.
    /// Windows: DiscardVirtualMemory. Where that is missing or refused, memory is given back and
    /// asked for anew; what the system then does not give (`commit_limit`) is out of reach, and
    /// still owned, until the same call succeeds.
    [[clang::callable_when("unknown")]]
    void decommit(std::size_t offset = 0, std::size_t bytes = to_end) &
        requires writable
    {
        or_raise(try_decommit(offset, bytes), "Pages::decommit", bytes);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_decommit(std::size_t offset = 0, std::size_t bytes = to_end) & noexcept
        requires writable
    {
        check_live("Pages::decommit");
        return owner_.decommit(offset, length(offset, bytes));
    }

    /// The same for many ranges, in fewer system calls where the system has one for many, and where
    /// neighbours follow each other. Ranges in order are the cheapest.
    ///
    /// `invalid_argument`: one is not whole pages, or not within the pages; then nothing was done.
    /// Where the system refuses one, those before it may have been given back.
    /// Linux 6.14: `process_madvise(2)`; before, one `madvise(2)` for each.
    [[clang::callable_when("unknown")]]
    void decommit(std::span<const ByteRange> ranges) &
        requires writable
    {
        or_raise(try_decommit(ranges), "Pages::decommit", ranges);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_decommit(std::span<const ByteRange> ranges) & noexcept
        requires writable
    {
        check_live("Pages::decommit");
        return owner_.decommit(ranges);
    }

    /// Lets the system take the memory behind a range whenever it needs some, cheaper than
    /// `decommit` if the range is used again soon. Resident size need not fall. The range stays
    /// usable; until written again, its contents are indeterminate.
    ///
    /// Linux: MADV_FREE, or MADV_DONTNEED where that is refused. Windows: MEM_RESET.
    [[clang::callable_when("unknown")]]
    void discard(std::size_t offset = 0, std::size_t bytes = to_end) &
        requires writable
    {
        or_raise(try_discard(offset, bytes), "Pages::discard", bytes);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_discard(std::size_t offset = 0, std::size_t bytes = to_end) & noexcept
        requires writable
    {
        check_live("Pages::discard");
        return owner_.discard(offset, length(offset, bytes));
    }

    /// The same for many ranges, as `decommit` takes them.
    [[clang::callable_when("unknown")]]
    void discard(std::span<const ByteRange> ranges) &
        requires writable
    {
        or_raise(try_discard(ranges), "Pages::discard", ranges);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_discard(std::span<const ByteRange> ranges) & noexcept
        requires writable
    {
        check_live("Pages::discard");
        return owner_.discard(ranges);
    }

    /// Makes a range read zero, the cheapest way: small ones are cleared, large ones given back
    /// (Windows: and asked for anew, as in `decommit`).
    [[clang::callable_when("unknown")]]
    void zero(std::size_t offset = 0, std::size_t bytes = to_end) &
        requires writable
    {
        or_raise(try_zero(offset, bytes), "Pages::zero", bytes);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_zero(std::size_t offset = 0, std::size_t bytes = to_end) & noexcept
        requires writable
    {
        check_live("Pages::zero");
        return owner_.zero(offset, length(offset, bytes));
    }

    // -- guards inside: of `GuardedPages` -------------------------------------------------------

    /// Makes guards of a range, in whole pages exactly: from now on touching it faults. Its
    /// contents are given up, and their memory goes back. What is a guard already stays one.
    ///
    /// Every other verb keeps guards: permissions change around them, and hints, `populate`,
    /// `collapse`, `decommit`, `discard`, `zero` and `publish` pass over them. Children have them
    /// too.
    /// `invalid_argument`: not whole pages, or not within the pages. A refusal makes no guards:
    /// `map_count_limit`, and contents are kept, where guards take mappings
    /// (`Feature::many_guards`); `not_enough_memory`, there is none to note where they are;
    /// `operation_not_supported`, for locked pages before Linux 5.18.
    /// Linux: `madvise(2)` MADV_GUARD_INSTALL since 6.13, else, and for locked pages,
    /// `mprotect(2)`. macOS: mapped anew without access. Windows: MEM_DECOMMIT.
    [[clang::callable_when("unknown")]]
    void guard(std::size_t offset, std::size_t bytes) &
        requires has_guards && writable
    {
        or_raise(try_guard(offset, bytes), "GuardedPages::guard", bytes);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_guard(std::size_t offset, std::size_t bytes) & noexcept
        requires has_guards && writable
    {
        check_live("GuardedPages::guard");
        return owner_.guard(offset, bytes, access);
    }

    /// Makes pages of a range again that may be used as all others, in whole pages exactly. What
    /// was a guard has indeterminate contents; what was none is left alone.
    ///
    /// `invalid_argument`: as above. A refusal leaves all guards: `map_count_limit`, and on Windows
    /// `commit_limit`.
    [[clang::callable_when("unknown")]]
    void unguard(std::size_t offset, std::size_t bytes) &
        requires has_guards && writable
    {
        or_raise(try_unguard(offset, bytes), "GuardedPages::unguard", bytes);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_unguard(std::size_t offset, std::size_t bytes) & noexcept
        requires has_guards && writable
    {
        check_live("GuardedPages::unguard");
        return owner_.unguard(offset, bytes, access);
    }

    /// Whether the page of the byte at `offset`, which must be below `size()` (contract check), is
    /// a guard.
    [[nodiscard, clang::callable_when("unknown")]]
    bool is_guarded(std::size_t offset) const noexcept
        requires has_guards
    {
        detail::check_index("GuardedPages::is_guarded", offset, size());
        return owner_.is_guarded(offset);
    }

    // -- executing -----------------------------------------------------------------------------

    /// Raw access: the code at `offset`, which must be below `size()` (contract check), as a
    /// pointer to a function. Nothing keeps the pages from going away under it; prefer `get_fn`.
    /// Clang's `-fsanitize=function` looks for a signature before the code, where there is none.
    template <class Signature = void()>
    [[nodiscard, clang::callable_when("unknown")]]
    Signature* get_fn_ptr(std::size_t offset = 0) const& noexcept [[clang::lifetimebound]]
        requires executable
    {
        detail::check_index("Pages::get_fn_ptr", offset, size());
        return reinterpret_cast<Signature*>(owner_.data() + offset);
    }
    template <class Signature = void()>
    void get_fn_ptr(std::size_t offset = 0) const&& = delete;

    /// The function at `offset`, which must be below `size()` (contract check), borrowed: it must
    /// not outlive these pages nor any change of their permissions. Whoever calls this vouches
    /// that code of this signature, in C's calling convention, is there.
    template <class Signature>
    [[nodiscard, clang::callable_when("unknown")]]
    FnRef<Signature> get_fn(std::size_t offset = 0) const& noexcept [[clang::lifetimebound]]
        requires executable
    {
        detail::check_index("Pages::get_fn", offset, size());
        return FnRef<Signature>(reinterpret_cast<Signature*>(owner_.data() + offset),
                                owner_.data());
    }
    template <class Signature>
    void get_fn(std::size_t offset = 0) const&& = delete;

    /// After changing code in pages that are writable and executable: every thread that learns of
    /// it from this one runs the new code. The range is in bytes and needs no alignment.
    ///
    /// Linux: cleans and invalidates the caches where the processor needs it, then `membarrier(2)`
    /// SYNC_CORE; `operation_not_supported` where that is forbidden.
    [[clang::callable_when("unknown")]]
    void publish(std::size_t offset = 0, std::size_t bytes = to_end) &
        requires patchable
    {
        or_raise(try_publish(offset, bytes), "Pages::publish", bytes);
    }
    [[nodiscard, clang::callable_when("unknown")]]
    Result<void> try_publish(std::size_t offset = 0, std::size_t bytes = to_end) & noexcept
        requires patchable
    {
        check_live("Pages::publish");
        return owner_.publish(offset, length(offset, bytes));
    }

private:
    explicit BasicPages(Owner&& owner) noexcept : owner_(std::move(owner)) {}

    // These move from the whole object, not from its owner: that is what the static analyzer knows
    // as giving it up.

    template <class To>
    To become(const char* call) {
        check_live(call);
        if (const Result<void> done = owner_.protect(access, To::access); !done) [[unlikely]] {
            raise(done.error(), call, size());
        }
        BasicPages taken = std::move(*this);
        return To(std::move(taken.owner_));
    }

    template <class To>
    Changed<To> try_become(const char* call) noexcept {
        check_live(call);
        if (const Result<void> done = owner_.protect(access, To::access); !done) [[unlikely]] {
            return std::unexpected(Refused<BasicPages>{done.error(), std::move(*this)});
        }
        BasicPages taken = std::move(*this);
        return To(std::move(taken.owner_));
    }

    template <class T>
    static T or_raise(Result<T>&& result, const char* call, std::size_t bytes) {
        if (!result) [[unlikely]] {
            raise(result.error(), call, bytes);
        }
        return std::move(*result);
    }
    void or_raise(Result<void>&& result, const char* call, std::size_t bytes) const {
        if (!result) [[unlikely]] {
            raise(result.error(), call, bytes == to_end ? size() : bytes);
        }
    }

    static void or_raise(Result<void>&& result, const char* call,
                         std::span<const ByteRange> ranges) {
        if (!result) [[unlikely]] {
            std::size_t bytes = 0;
            for (const ByteRange& range : ranges) {
                bytes += range.bytes;
            }
            raise(result.error(), call, bytes);
        }
    }

    void check_live(const char* call) const noexcept {
        detail::check(owner_.data() != nullptr, call, "the pages were moved from");
    }

    void require_index(std::size_t i) const {
        check_live("Pages::at");
        if (i >= size()) [[unlikely]] {
            raise_out_of_range("Pages::at", i, size());
        }
    }

    [[nodiscard]] std::size_t length(std::size_t offset, std::size_t bytes) const noexcept {
        return bytes == to_end && offset <= size() ? size() - offset : bytes;
    }

    /// The fence keeps the compiler from moving accesses under another type across: what it knew
    /// about these bytes ends here.
    template <class T>
    [[nodiscard]] std::span<T> all_as() const noexcept {
        std::atomic_signal_fence(std::memory_order_seq_cst);
        auto* const objects = static_cast<T*>(static_cast<void*>(owner_.data()));
        return {std::launder(objects), size() / sizeof(T)};
    }

    Owner owner_;
};

/// Owned pages with a mapping of their own. See `BasicPages` for everything they can do.
template <ReadPermission R, WritePermission W, ExecPermission E>
using Pages = BasicPages<detail::Mapping, R, W, E>;

}  // namespace memory_pages
