// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// A system below the library that a test can make fail. `<subject>.cpp` defines every verb of
/// `src/os/`, and keeps exactly its promise: decommitted and discarded bytes are overwritten,
/// resizing moves, alignments are not better than requested, and a broken precondition ends the
/// test with a message. Pages are really protected as far as the real system's page size allows.
/// For one thread.

#include <memory_pages/access.hpp>
#include <memory_pages/advice.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/huge_pages.hpp>
#include <memory_pages/writing_code.hpp>

#include <cstddef>
#include <optional>
#include <system_error>
#include <vector>

namespace fake {

using memory_pages::Access;

/// The value of indeterminate contents.
inline constexpr std::byte indeterminate{0xA5};

/// The verbs. All but `unmap`, `unmap_part`, `release`, `clear` and `copy` may be refused;
/// `set_huge_pages`, whose refusal rarely matters, only if a test names it.
enum class Verb {
    map,
    map_huge,
    unmap,
    unmap_part,
    resize,
    protect,
    make_executable,
    publish,
    decommit,
    discard,
    zero,
    clear,
    populate,
    copy,
    set_huge_pages,
    collapse,
    advise,
    decommit_all,
    discard_all,
    advise_all,
    reserve,
    reserve_at,
    release,
    commit,
    uncommit,
    move,
    guard,
    unguard,
    start_walk,
    region_from,
    region_at,
    resident,
    unmap_any,
    resize_any,
    commit_any,
    uncommit_any,
    decommit_any,
    discard_any,
    zero_any,
};

[[nodiscard]] const char* name_of(Verb verb) noexcept;

/// The properties of the system.
struct Machine {
    static constexpr std::size_t plenty = std::size_t{1} << 40;

    std::size_t page_size = 4096;
    std::size_t granularity = 4096;      ///< At least a page.
    std::size_t huge_page_size = 0;      ///< 0: no huge pages.
    bool builds_huge_pages = true;       ///< Transparent huge pages, if there are huge pages.
    std::size_t huge_pages = 0;          ///< The pool of huge pages for `require`.
    std::size_t address_space = plenty;  ///< Bytes that may be mapped and reserved together.
    std::size_t memory = plenty;         ///< Bytes that may be charged.
    std::optional<std::size_t> address_space_limit = {};  ///< The reported limit.
    bool can_resize = true;                               ///< Else `operation_not_supported`.
    bool can_move = true;                                 ///< Else `operation_not_supported`.
    bool keeps_values_of_threads = true;
    bool has_guard_markers = true;  ///< Else guards are pages that are not committed.
};

/// Starts a machine without mappings and without failures.
void boot(const Machine& machine = {});

/// The running machine: its limits may be changed, its page size not.
[[nodiscard]] Machine& machine();

/// One or several refused calls.
struct Failure {
    std::size_t nth = 1;            ///< Counted from 1, from now on.
    std::optional<Verb> verb = {};  ///< If set, counts only calls of this verb.
    std::error_code error = memory_pages::PageError::commit_limit;
    /// `protect` and `make_executable` change half of the range, verbs for many ranges half of the
    /// ranges.
    bool is_halfway = false;
    std::size_t times = 1;  ///< Refused calls in a row; only the first may be halfway.
};
void fail(const Failure& failure);

/// The verb that was refused since `fail`, if any. Ends the failures.
std::optional<Verb> stop_failing();

/// Refuses the nth small object, counted from 1, that the library allocates from now on.
void fail_allocation(std::size_t nth);

/// Whether the object of `fail_allocation` was refused. Ends the failures.
[[nodiscard]] bool stop_failing_allocation();

/// A call of the library.
struct Call {
    Verb verb;
    std::byte* base = nullptr;     ///< `move`: the source.
    std::size_t bytes = 0;         ///< `resize`: the new size. Many ranges: the sum.
    Access access = Access::none;  ///< The new access, if the verb takes one.
    memory_pages::HugePages policy = memory_pages::HugePages::system;  ///< `set_huge_pages` only.
    memory_pages::Advice advice = memory_pages::Advice::normal;        ///< `advise` only.
    std::size_t ranges = 1;  ///< `base` is that of the first range.
    memory_pages::Publish code = memory_pages::Publish::may_have_run;  ///< `publish` only.
};
[[nodiscard]] const std::vector<Call>& calls();
[[nodiscard]] std::size_t count_of(Verb verb);
void forget_calls();

/// Whether the library is between `begin_writing` and `end_writing`, and how often it was.
[[nodiscard]] bool is_writing();
[[nodiscard]] std::size_t times_begun_to_write();

/// Mappings and reservations, or parts of them, that are not released.
[[nodiscard]] std::size_t areas_left();
[[nodiscard]] std::size_t bytes_of_address_space();
[[nodiscard]] std::size_t bytes_in_use();  ///< Mapped or committed.
[[nodiscard]] std::size_t bytes_charged();

/// Whether the page at the address is a guard by a marker.
[[nodiscard]] bool is_marked(const void* address);
/// Walks over the address space that were not ended.
[[nodiscard]] std::size_t walks_left();

/// The access of the page at the address; nothing if it is not in use.
[[nodiscard]] std::optional<Access> access_at(const void* address);

/// Whether all of these pages have exactly this access.
[[nodiscard]] bool is_all(const void* base, std::size_t bytes, Access access);

}  // namespace fake
