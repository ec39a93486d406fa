// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// A system below the library that a test can make fail. `fake_os.cpp` defines every verb of
/// `os.hpp`, keeps exactly what it promises and nothing more: what is decommitted or discarded is
/// overwritten, sizes change by moving, nothing is aligned better than was asked, and whoever
/// breaks a precondition is stopped with a message. Pages are protected for real wherever the
/// system's own pages allow it. For one thread.

#include <memory_pages/access.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/huge_pages.hpp>

#include <cstddef>
#include <optional>
#include <system_error>
#include <vector>

namespace fake {

using memory_pages::detail::Access;

/// What indeterminate contents are.
inline constexpr std::byte indeterminate{0xA5};

/// The verbs. All but `unmap`, `unmap_part`, `release`, `clear` and `set_huge_pages` may be
/// refused.
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
    resident,
};

[[nodiscard]] const char* name_of(Verb verb) noexcept;

/// What the system is like.
struct Machine {
    static constexpr std::size_t plenty = std::size_t{1} << 40;

    std::size_t page_size = 4096;
    std::size_t granularity = 4096;      ///< At least a page.
    std::size_t huge_page_size = 0;      ///< 0: there are none.
    bool builds_huge_pages = true;       ///< Of ordinary ones, where there are any.
    std::size_t huge_pages = 0;          ///< That are kept for whoever requires them.
    std::size_t address_space = plenty;  ///< Bytes that may be mapped and reserved together.
    std::size_t memory = plenty;         ///< Bytes that may be charged.
    bool can_resize = true;              ///< Else `operation_not_supported`.
    bool can_move = true;                ///< Else `operation_not_supported`.
    bool keeps_values_of_threads = true;
    bool marks_guards = true;  ///< Else guards are pages that are not committed.
};

/// Starts a machine on which nothing is mapped and nothing fails.
void boot(const Machine& machine = {});

/// The machine that runs: its limits may be moved, its pages stay as large as they are.
[[nodiscard]] Machine& machine();

/// One call that is refused.
struct Failure {
    std::size_t nth = 1;            ///< Counted from 1, from now on.
    std::optional<Verb> verb = {};  ///< Only calls of this verb count.
    std::error_code error = memory_pages::PageError::commit_limit;
    /// `protect` and `make_executable` have changed half of it, verbs for many ranges half of them.
    bool is_halfway = false;
};
void fail(const Failure& failure);

/// The verb that was refused; none if nothing was since `fail`. Nothing will be from now on.
std::optional<Verb> stop_failing();

/// A call that the library made.
struct Call {
    Verb verb;
    std::byte* base = nullptr;     ///< Of `move`: where from.
    std::size_t bytes = 0;         ///< Of `resize`: the new size. Of many ranges: of all.
    Access access = Access::none;  ///< Where the verb takes one: the new access.
    memory_pages::HugePages policy = memory_pages::HugePages::system;  ///< Of `set_huge_pages`.
    std::size_t ranges = 1;  ///< `base` is where the first is.
};
[[nodiscard]] const std::vector<Call>& calls();
[[nodiscard]] std::size_t count_of(Verb verb);
void forget_calls();

/// Whether the library is between `begin_writing` and `end_writing`, and how often it was.
[[nodiscard]] bool is_writing();
[[nodiscard]] std::size_t times_begun_to_write();

/// Mappings and reservations, or parts of them, that were not given back.
[[nodiscard]] std::size_t areas_left();
[[nodiscard]] std::size_t bytes_of_address_space();
[[nodiscard]] std::size_t bytes_in_use();  ///< Mapped or committed.
[[nodiscard]] std::size_t bytes_charged();

/// Whether the page there is a guard by a mark.
[[nodiscard]] bool is_marked(const void* address);
/// Walks over the address space that were not ended.
[[nodiscard]] std::size_t walks_left();

/// What may be done with the page there; nothing where no page is in use.
[[nodiscard]] std::optional<Access> access_at(const void* address);

/// Whether all of these pages may be used in exactly this way.
[[nodiscard]] bool is_all(const void* base, std::size_t bytes, Access access);

}  // namespace fake
