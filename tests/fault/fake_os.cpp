// SPDX-License-Identifier: MIT
#include "fake_os.hpp"

#include "os/os.hpp"

#include "support/probe.hpp"
#include "support/system_calls.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <utility>

#pragma GCC visibility push(hidden)

namespace fake {
namespace {

using memory_pages::PageError;
using memory_pages::detail::allows;
using memory_pages::os::Charge;

struct Page {
    bool is_in_use = false;
    Access access = Access::none;
    bool is_guard = false;

    /// Of the processor.
    [[nodiscard]] Access allowed() const { return is_guard ? Access::none : access; }
};

/// A mapping or a reservation, or what `move` left of one.
struct Area {
    bool is_reservation = false;
    Charge charge = Charge::charged;
    std::vector<Page> pages;
    bool is_huge = false;

    [[nodiscard]] std::size_t bytes() const;
};

/// Memory of the real system, most of it out of reach. Freed by the next `boot`.
struct Backing {
    void* base;
    std::size_t bytes;
};

struct State {
    Machine machine;
    std::map<std::byte*, Area> areas;
    std::vector<Backing> backings;
    std::vector<Call> calls;
    std::optional<Failure> failure;
    std::optional<Verb> failed;
    bool is_writing = false;
    std::size_t times_begun = 0;
    void* thread_value = nullptr;
    std::size_t walks = 0;
};

/// Never destroyed: pages may be static objects.
State& state() {
    static auto* const the_state = new State;
    return *the_state;
}

std::size_t page() { return state().machine.page_size; }

std::size_t Area::bytes() const { return pages.size() * page(); }

[[noreturn]] void stop(Verb verb, const char* what) {
    std::fprintf(stderr, "fake_os: %s: %s\n", name_of(verb), what);
    std::abort();
}

void require(bool holds, Verb verb, const char* what) {
    if (!holds) {
        stop(verb, what);
    }
}

/// Every verb leaves errno as it was.
class KeepErrno {
public:
    KeepErrno() noexcept : value_(errno) {}
    KeepErrno(const KeepErrno&) = delete;
    KeepErrno& operator=(const KeepErrno&) = delete;
    ~KeepErrno() { errno = value_; }

private:
    int value_;
};

// -- real memory ----------------------------------------------------------------------------------

bool protects_for_real() { return page() % probe::page_size() == 0; }

void must(bool holds) {
    if (!holds) {
        std::fputs("fake_os: the real system refuses\n", stderr);
        std::abort();
    }
}

void set_hardware(std::byte* base, std::size_t bytes, Access access) {
    if (protects_for_real()) {
        // What may be written or executed can be read, as on most processors.
        const bool is_readable = access != Access::none;
        const bool is_writable = allows(access, Access::write);
        must(system_calls::allow(base, bytes, is_readable, is_writable));
    }
}

/// Zeroed memory at a multiple of `alignment`, but not of twice that, with nothing around it.
std::byte* take_memory(std::size_t bytes, std::size_t alignment) {
    const std::size_t total = bytes + 3 * alignment;
    void* const base = system_calls::reserve(total);
    must(base != nullptr && (protects_for_real() || system_calls::allow(base, total, true, true)));
    state().backings.push_back({base, total});
    const auto address = reinterpret_cast<std::uintptr_t>(base) + alignment;
    const std::uintptr_t even = (address + 2 * alignment - 1) / (2 * alignment) * (2 * alignment);
    const std::uintptr_t odd = even - alignment >= address ? even - alignment : even + alignment;
    return static_cast<std::byte*>(base) + (odd - reinterpret_cast<std::uintptr_t>(base));
}

/// The same exactly there; false where something is.
bool take_memory_at(std::byte* where, std::size_t bytes) {
    for (const Backing& backing : state().backings) {
        auto* const first = static_cast<std::byte*>(backing.base);
        if (where >= first && bytes <= backing.bytes && where <= first + (backing.bytes - bytes)) {
            return true;  // Ours, out of reach, and nothing is in it: whoever asks has looked.
        }
    }
    if (!system_calls::reserve_at(where, bytes)) {
        return false;
    }
    must(protects_for_real() || system_calls::allow(where, bytes, true, true));
    state().backings.push_back({where, bytes});
    return true;
}

/// Makes it an error to touch this again, as far as the system's own pages allow it.
void retire_memory(std::byte* base, std::size_t bytes) {
    const std::size_t real_page = probe::page_size();
    const std::size_t head = std::min(bytes, -reinterpret_cast<std::uintptr_t>(base) % real_page);
    const std::size_t whole = (bytes - head) / real_page * real_page;
    if (whole != 0) {
        must(system_calls::retire(base + head, whole) &&
             (protects_for_real() || system_calls::allow(base + head, whole, true, true)));
    }
    const int value = std::to_integer<int>(indeterminate);
    std::memset(base, value, head);
    std::memset(base + head + whole, value, bytes - head - whole);
}

// -- areas ----------------------------------------------------------------------------------------

using Found = std::map<std::byte*, Area>::iterator;

std::optional<Found> find(const std::byte* base, std::size_t bytes) {
    auto& areas = state().areas;
    auto found = areas.upper_bound(const_cast<std::byte*>(base));
    if (found == areas.begin()) {
        return std::nullopt;
    }
    --found;
    const auto offset = static_cast<std::size_t>(base - found->first);
    if (offset >= found->second.bytes() || bytes > found->second.bytes() - offset) {
        return std::nullopt;
    }
    return found;
}

bool is_any_area_in(const std::byte* base, std::size_t bytes) {
    const auto next = state().areas.lower_bound(const_cast<std::byte*>(base));
    return find(base, 1).has_value() || (next != state().areas.end() && next->first < base + bytes);
}

const Page* page_at(const void* address) {
    const auto* const byte = static_cast<const std::byte*>(address);
    const std::optional<Found> found = find(byte, 1);
    return found
               ? &(*found)->second.pages[static_cast<std::size_t>(byte - (*found)->first) / page()]
               : nullptr;
}

std::span<Page> pages_of(Found area, const std::byte* base, std::size_t bytes) {
    return std::span(area->second.pages)
        .subspan(static_cast<std::size_t>(base - area->first) / page(), bytes / page());
}

void require_size(std::size_t bytes, Verb verb) {
    require(bytes != 0, verb, "no pages");
    require(bytes % page() == 0, verb, "not whole pages");
}

void require_alignment(std::size_t alignment, Verb verb) {
    require(std::has_single_bit(alignment), verb, "the alignment is no power of two");
}

/// The area in which a range of whole pages lies.
Found area_of(std::byte* base, std::size_t bytes, Verb verb) {
    require_size(bytes, verb);
    require(reinterpret_cast<std::uintptr_t>(base) % page() == 0, verb, "not at a page");
    const std::optional<Found> found = find(base, bytes);
    require(found.has_value(), verb, "not within one mapping or reservation");
    const std::size_t unit = state().machine.huge_page_size;
    require(!(*found)->second.is_huge || verb == Verb::advise || verb == Verb::populate ||
                verb == Verb::collapse ||
                (reinterpret_cast<std::uintptr_t>(base) % unit == 0 && bytes % unit == 0),
            verb, "not whole huge pages");
    return *found;
}

Found whole_area_of(std::byte* base, std::size_t bytes, bool is_reservation, Verb verb) {
    const Found area = area_of(base, bytes, verb);
    require(area->first == base && area->second.bytes() == bytes, verb, "only a part");
    require(area->second.is_reservation == is_reservation, verb,
            is_reservation ? "not a reservation" : "not a mapping");
    return area;
}

std::span<Page> pages_in_use(std::byte* base, std::size_t bytes, Verb verb) {
    const std::span<Page> pages = pages_of(area_of(base, bytes, verb), base, bytes);
    require(std::ranges::all_of(pages, &Page::is_in_use), verb, "nothing is committed there");
    return pages;
}

std::span<Page> unguarded_pages(std::byte* base, std::size_t bytes, Verb verb) {
    const std::span<Page> pages = pages_in_use(base, bytes, verb);
    require(std::ranges::none_of(pages, &Page::is_guard), verb, "a guard");
    return pages;
}

std::span<Page> writable_pages(std::byte* base, std::size_t bytes, Verb verb) {
    const std::span<Page> pages = unguarded_pages(base, bytes, verb);
    require(
        std::ranges::all_of(pages, [](const Page& p) { return allows(p.access, Access::write); }),
        verb, "the pages are not writable");
    return pages;
}

std::span<Page> reserved_pages(std::byte* base, std::size_t bytes, Verb verb) {
    const std::span<Page> pages = pages_of(area_of(base, bytes, verb), base, bytes);
    require(std::ranges::none_of(pages, &Page::is_in_use), verb, "committed already");
    return pages;
}

std::byte* add_area(std::size_t bytes, std::size_t alignment, Area area) {
    std::byte* const base =
        take_memory(bytes, std::max({alignment, page(), state().machine.granularity}));
    state().areas.emplace(base, std::move(area));
    return base;
}

/// Takes pages out of the area they are in.
void remove(Found area, std::byte* base, std::size_t bytes) {
    const auto first =
        static_cast<std::ptrdiff_t>(static_cast<std::size_t>(base - area->first) / page());
    const auto last = first + static_cast<std::ptrdiff_t>(bytes / page());
    Area behind = area->second;
    behind.pages.erase(behind.pages.begin(), behind.pages.begin() + last);
    if (!behind.pages.empty()) {
        state().areas.emplace(base + bytes, std::move(behind));
    }
    auto& before = area->second.pages;
    before.erase(before.begin() + first, before.end());
    if (before.empty()) {
        state().areas.erase(area);
    }
    retire_memory(base, bytes);
}

/// As the processor is told.
void set_hardware(std::byte* base, std::span<const Page> pages) {
    for (std::size_t i = 0; i < pages.size();) {
        const auto differs = [&](const Page& other) {
            return other.allowed() != pages[i].allowed();
        };
        const auto rest = pages.subspan(i);
        const auto run =
            static_cast<std::size_t>(std::ranges::find_if(rest, differs) - rest.begin());
        set_hardware(base + i * page(), run * page(), pages[i].allowed());
        i += run;
    }
}

void set_access(std::byte* base, std::span<Page> pages, Access access) {
    for (Page& each : pages) {
        each = {true, access, each.is_guard};
    }
    set_hardware(base, pages);
}

/// Does something with bytes whatever may be done with their pages.
template <class Act>
void with_access(std::byte* base, std::span<Page> pages, Act act) {
    set_hardware(base, pages.size() * page(), Access::read_write);
    act();
    set_hardware(base, pages);
}

void fill(std::byte* base, std::span<Page> pages, std::byte value) {
    with_access(base, pages,
                [&] { std::memset(base, std::to_integer<int>(value), pages.size() * page()); });
}

// -- refusing -------------------------------------------------------------------------------------

using Refusal = std::optional<std::error_code>;

void note(const Call& call) { state().calls.push_back(call); }

/// Notes a call. The error that it is to answer, if it is to be refused.
Refusal enter(const Call& call) {
    note(call);
    State& s = state();
    if (!s.failure || s.failed || (s.failure->verb && *s.failure->verb != call.verb) ||
        --s.failure->nth != 0) {
        return std::nullopt;
    }
    s.failed = call.verb;
    return s.failure->error;
}

std::error_code not_supported() { return std::make_error_code(std::errc::operation_not_supported); }

/// What a machine of this size answers to a wish for more.
Refusal lacks(std::size_t address_space, std::size_t charge) {
    const Machine& machine = state().machine;
    const std::size_t space_used = bytes_of_address_space();
    const std::size_t memory_used = bytes_charged();
    if (address_space > machine.address_space - std::min(space_used, machine.address_space)) {
        return PageError::address_space_limit;
    }
    if (charge > machine.memory - std::min(memory_used, machine.memory)) {
        return PageError::commit_limit;
    }
    return std::nullopt;
}

memory_pages::Result<void> answer(Refusal refusal) {
    if (refusal) {
        return std::unexpected(*refusal);
    }
    return {};
}

/// `protect`, and what `make_executable` has of it.
memory_pages::Result<void> change_access(std::byte* base, std::span<Page> pages, Access access,
                                         Refusal refusal) {
    if (!refusal) {
        set_access(base, pages, access);
    } else if (state().failure->is_halfway) {
        set_access(base, pages.first((pages.size() + 1) / 2), access);
    }
    return answer(refusal);
}

/// A verb for many ranges, which does `act` to the pages of each.
template <class Act>
memory_pages::Result<void> for_all(Verb verb, std::span<const memory_pages::os::Range> ranges,
                                   Act act) {
    require(!ranges.empty(), verb, "no ranges");
    Call call{.verb = verb, .base = ranges.front().base, .ranges = ranges.size()};
    for (const auto& [base, bytes] : ranges) {
        (void)pages_in_use(base, bytes, verb);
        call.bytes += bytes;
    }
    const Refusal refusal = enter(call);
    if (refusal) {
        ranges = ranges.first(state().failure->is_halfway ? ranges.size() / 2 : 0);
    }
    for (const auto& [base, bytes] : ranges) {
        act(base, pages_in_use(base, bytes, verb));
    }
    return answer(refusal);
}

}  // namespace

const char* name_of(Verb verb) noexcept {
    switch (verb) {
        case Verb::map:
            return "map";
        case Verb::map_huge:
            return "map_huge";
        case Verb::unmap:
            return "unmap";
        case Verb::unmap_part:
            return "unmap_part";
        case Verb::resize:
            return "resize";
        case Verb::protect:
            return "protect";
        case Verb::make_executable:
            return "make_executable";
        case Verb::publish:
            return "publish";
        case Verb::decommit:
            return "decommit";
        case Verb::discard:
            return "discard";
        case Verb::zero:
            return "zero";
        case Verb::clear:
            return "clear";
        case Verb::populate:
            return "populate";
        case Verb::set_huge_pages:
            return "set_huge_pages";
        case Verb::collapse:
            return "collapse";
        case Verb::advise:
            return "advise";
        case Verb::decommit_all:
            return "decommit_all";
        case Verb::discard_all:
            return "discard_all";
        case Verb::advise_all:
            return "advise_all";
        case Verb::reserve:
            return "reserve";
        case Verb::reserve_at:
            return "reserve_at";
        case Verb::release:
            return "release";
        case Verb::commit:
            return "commit";
        case Verb::uncommit:
            return "uncommit";
        case Verb::move:
            return "move";
        case Verb::guard:
            return "guard";
        case Verb::unguard:
            return "unguard";
        case Verb::start_walk:
            return "start_walk";
        case Verb::region_from:
            return "region_from";
        case Verb::resident:
            return "resident";
    }
    return "?";
}

void boot(const Machine& machine) {
    for (const Backing& backing : state().backings) {
        system_calls::unmap(backing.base, backing.bytes);
    }
    // What the one thread keeps, it keeps from test to test.
    state() = State{.machine = machine, .thread_value = state().thread_value};
}

Machine& machine() { return state().machine; }

void fail(const Failure& failure) {
    state().failure = failure;
    state().failed.reset();
}

std::optional<Verb> stop_failing() {
    state().failure.reset();
    return std::exchange(state().failed, std::nullopt);
}

const std::vector<Call>& calls() { return state().calls; }

std::size_t count_of(Verb verb) {
    return static_cast<std::size_t>(std::ranges::count(state().calls, verb, &Call::verb));
}

void forget_calls() { state().calls.clear(); }

bool is_writing() { return state().is_writing; }
std::size_t times_begun_to_write() { return state().times_begun; }

std::size_t areas_left() { return state().areas.size(); }

std::size_t walks_left() { return state().walks; }

std::size_t bytes_of_address_space() {
    std::size_t bytes = 0;
    for (const auto& [base, area] : state().areas) {
        bytes += area.bytes();
    }
    return bytes;
}

std::size_t bytes_in_use() {
    std::size_t pages = 0;
    for (const auto& [base, area] : state().areas) {
        pages += static_cast<std::size_t>(std::ranges::count(area.pages, true, &Page::is_in_use));
    }
    return pages * page();
}

std::size_t bytes_charged() {
    std::size_t pages = 0;
    for (const auto& [base, area] : state().areas) {
        if (area.charge == Charge::charged) {
            pages +=
                static_cast<std::size_t>(std::ranges::count(area.pages, true, &Page::is_in_use));
        }
    }
    return pages * page();
}

bool is_marked(const void* address) {
    const Page* const there = page_at(address);
    return there != nullptr && there->is_guard;
}

std::optional<Access> access_at(const void* address) {
    const Page* const there = page_at(address);
    return there != nullptr && there->is_in_use ? std::optional(there->access) : std::nullopt;
}

bool is_all(const void* base, std::size_t bytes, Access access) {
    for (std::size_t offset = 0; offset < bytes; offset += page()) {
        if (access_at(static_cast<const std::byte*>(base) + offset) != access) {
            return false;
        }
    }
    return true;
}

}  // namespace fake

// -- the verbs ------------------------------------------------------------------------------------

namespace memory_pages {

using namespace fake;

bool os::is_supported(Feature feature) noexcept {
    switch (feature) {
        case Feature::moving_pages:
            return state().machine.can_move;
        case Feature::collapsing:
            return transparent_huge_page_size() != 0;
        case Feature::many_guards:
            return state().machine.marks_guards;
        default:
            return true;
    }
}

void os::on_fork(void (*)() noexcept, void (*)() noexcept) noexcept {}

void* os::thread_value() noexcept {
    return state().machine.keeps_values_of_threads ? state().thread_value : nullptr;
}

bool os::set_thread_value(void* value, void (*)(void*)) noexcept {
    if (!state().machine.keeps_values_of_threads) {
        return false;
    }
    state().thread_value = value;
    return true;
}

std::size_t os::page_size() noexcept { return state().machine.page_size; }

std::size_t os::allocation_granularity() noexcept {
    return std::max(state().machine.granularity, page_size());
}

std::size_t os::huge_page_size() noexcept { return state().machine.huge_page_size; }

std::size_t os::transparent_huge_page_size() noexcept {
    return state().machine.builds_huge_pages ? huge_page_size() : 0;
}

bool os::is_supported(HugePages policy) noexcept {
    switch (policy) {
        case HugePages::prefer:
            return transparent_huge_page_size() != 0;
        case HugePages::require:
            return state().machine.huge_pages != 0;
        default:
            return true;
    }
}

MemoryLimits os::memory_limits() noexcept {
    const Machine& machine = state().machine;
    return {
        .page_size = page_size(),
        .allocation_granularity = allocation_granularity(),
        .huge_page_sizes = {machine.huge_page_size},
        .overcommit = Overcommit::never,
        .committed = {.used = bytes_charged(), .most = machine.memory},
        .address_space = {.used = bytes_of_address_space(), .most = machine.address_space},
    };
}

Result<std::byte*> os::map_huge(std::size_t bytes, std::size_t alignment, Access access) noexcept {
    const KeepErrno keep;
    require_size(bytes, Verb::map_huge);
    require_alignment(alignment, Verb::map_huge);
    Refusal refusal = enter({.verb = Verb::map_huge, .bytes = bytes, .access = access});
    Machine& machine = state().machine;
    if (!refusal && machine.huge_page_size == 0) {
        refusal = not_supported();
    }
    if (!refusal) {
        require(bytes % machine.huge_page_size == 0, Verb::map_huge, "not whole huge pages");
        if (bytes / machine.huge_page_size > machine.huge_pages) {
            refusal = PageError::huge_page_limit;
        }
    }
    if (refusal) {
        return std::unexpected(*refusal);
    }
    machine.huge_pages -= bytes / machine.huge_page_size;
    std::byte* const base = add_area(
        bytes, std::max(alignment, machine.huge_page_size),
        {false, Charge::charged, std::vector<Page>(bytes / page_size(), {true, access}), true});
    set_hardware(base, bytes, access);
    return base;
}

void os::set_huge_pages(std::byte* base, std::size_t bytes, HugePages policy) noexcept {
    const KeepErrno keep;
    require(policy == HugePages::prefer || policy == HugePages::never, Verb::set_huge_pages,
            "neither prefer nor never");
    (void)pages_in_use(base, bytes, Verb::set_huge_pages);
    note({.verb = Verb::set_huge_pages, .base = base, .bytes = bytes, .policy = policy});
}

Result<void> os::collapse(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    (void)unguarded_pages(base, bytes, Verb::collapse);
    Refusal refusal = enter({.verb = Verb::collapse, .base = base, .bytes = bytes});
    if (!refusal && transparent_huge_page_size() == 0) {
        refusal = not_supported();
    }
    return answer(refusal);
}

Result<std::byte*> os::map(std::size_t bytes, std::size_t alignment, Access access,
                           Charge charge) noexcept {
    const KeepErrno keep;
    require_size(bytes, Verb::map);
    require_alignment(alignment, Verb::map);
    Refusal refusal = enter({.verb = Verb::map, .bytes = bytes, .access = access});
    if (!refusal) {
        refusal = lacks(bytes, charge == Charge::charged ? bytes : 0);
    }
    if (refusal) {
        return std::unexpected(*refusal);
    }
    std::byte* const base = add_area(
        bytes, alignment, {false, charge, std::vector<Page>(bytes / page_size(), {true, access})});
    set_hardware(base, bytes, access);
    return base;
}

void os::unmap(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    const Found area = whole_area_of(base, bytes, false, Verb::unmap);
    note({.verb = Verb::unmap, .base = base, .bytes = bytes});
    if (area->second.is_huge) {
        state().machine.huge_pages += bytes / state().machine.huge_page_size;
    }
    remove(area, base, bytes);
}

void os::unmap_part(std::byte* base, std::size_t bytes, std::byte* whole, bool is_last) noexcept {
    const KeepErrno keep;
    std::ranges::fill(pages_in_use(base, bytes, Verb::unmap_part), Page{});
    const Found area = area_of(base, bytes, Verb::unmap_part);
    require(!area->second.is_reservation, Verb::unmap_part, "not a mapping");
    require(area->first == whole, Verb::unmap_part, "a part of another mapping");
    require(is_last == std::ranges::none_of(area->second.pages, &Page::is_in_use), Verb::unmap_part,
            is_last ? "not the last part" : "the last part");
    note({.verb = Verb::unmap_part, .base = base, .bytes = bytes});
    if (area->second.is_huge) {
        state().machine.huge_pages += bytes / state().machine.huge_page_size;
    }
    if (is_last) {
        remove(area, whole, area->second.bytes());
    } else {
        retire_memory(base, bytes);
    }
}

Result<std::byte*> os::resize(std::byte* base, std::size_t old_bytes, std::size_t new_bytes,
                              std::size_t alignment) noexcept {
    const KeepErrno keep;
    const Found area = whole_area_of(base, old_bytes, false, Verb::resize);
    require(!area->second.is_huge, Verb::resize, "required huge pages are not resized");
    require_size(new_bytes, Verb::resize);
    require_alignment(alignment, Verb::resize);
    Refusal refusal = enter({.verb = Verb::resize, .base = base, .bytes = new_bytes});
    const std::size_t added = new_bytes > old_bytes ? new_bytes - old_bytes : 0;
    if (!refusal && !state().machine.can_resize) {
        refusal = not_supported();
    }
    if (!refusal) {
        refusal = lacks(added, area->second.charge == Charge::charged ? added : 0);
    }
    if (refusal) {
        return std::unexpected(*refusal);
    }
    Area resized = area->second;
    resized.pages.resize(new_bytes / page_size(), resized.pages.back());
    const std::span old_pages(area->second.pages);
    std::byte* const moved = add_area(new_bytes, alignment, std::move(resized));
    with_access(base, old_pages, [&] {
        with_access(moved, state().areas.at(moved).pages,
                    [&] { std::memcpy(moved, base, std::min(old_bytes, new_bytes)); });
    });
    remove(area, base, old_bytes);
    return moved;
}

Result<void> os::protect(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = pages_in_use(base, bytes, Verb::protect);
    return change_access(
        base, pages, access,
        enter({.verb = Verb::protect, .base = base, .bytes = bytes, .access = access}));
}

Result<void> os::make_executable(std::byte* base, std::size_t bytes, Access from,
                                 Access to) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = unguarded_pages(base, bytes, Verb::make_executable);
    require(allows(to, Access::exec), Verb::make_executable, "not to executable pages");
    require(from == Access::none || is_all(base, bytes, from), Verb::make_executable,
            "the old access is another");
    return change_access(
        base, pages, to,
        enter({.verb = Verb::make_executable, .base = base, .bytes = bytes, .access = to}));
}

Result<void> os::publish(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    require(bytes != 0 && fake::find(base, bytes).has_value(), Verb::publish,
            "not within one mapping or reservation");
    const std::optional<Access> access = access_at(base);
    require(access && allows(*access, Access::write_exec), Verb::publish,
            "the pages are not writable and executable");
    for (std::size_t i = 0; i < bytes; ++i) {
        require(!is_marked(base + i), Verb::publish, "a guard");
    }
    return answer(enter({.verb = Verb::publish, .base = base, .bytes = bytes}));
}

void os::begin_writing() noexcept {
    require(!state().is_writing, Verb::publish, "begin_writing does not nest");
    state().is_writing = true;
    ++state().times_begun;
}
void os::end_writing() noexcept {
    require(state().is_writing, Verb::publish, "end_writing without begin_writing");
    state().is_writing = false;
}

bool os::is_enforced(Access access) noexcept {
    return allows(access, Access::read) || access == Access::none;
}

Result<void> os::decommit(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = pages_in_use(base, bytes, Verb::decommit);
    const Refusal refusal = enter({.verb = Verb::decommit, .base = base, .bytes = bytes});
    if (!refusal) {
        fill(base, pages, indeterminate);
    }
    return answer(refusal);
}

Result<void> os::discard(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = pages_in_use(base, bytes, Verb::discard);
    const Refusal refusal = enter({.verb = Verb::discard, .base = base, .bytes = bytes});
    if (!refusal) {
        fill(base, pages, indeterminate);
    }
    return answer(refusal);
}

Result<void> os::zero(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = writable_pages(base, bytes, Verb::zero);
    const Refusal refusal = enter({.verb = Verb::zero, .base = base, .bytes = bytes});
    if (!refusal) {
        fill(base, pages, std::byte{0});
    }
    return answer(refusal);
}

void os::clear(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = writable_pages(base, bytes, Verb::clear);
    note({.verb = Verb::clear, .base = base, .bytes = bytes});
    fill(base, pages, std::byte{0});
}

Result<void> os::populate(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepErrno keep;
    (void)unguarded_pages(base, bytes, Verb::populate);
    require(is_all(base, bytes, access), Verb::populate, "the access is another");
    require(allows(access, Access::read) || allows(access, Access::write), Verb::populate,
            "the pages may be neither read nor written");
    return answer(enter({.verb = Verb::populate, .base = base, .bytes = bytes, .access = access}));
}

Result<void> os::advise(std::byte* base, std::size_t bytes, Advice) noexcept {
    const KeepErrno keep;
    (void)pages_in_use(base, bytes, Verb::advise);
    return answer(enter({.verb = Verb::advise, .base = base, .bytes = bytes}));
}

bool os::is_supported(Advice) noexcept { return true; }

Result<void> os::decommit_all(std::span<const Range> ranges) noexcept {
    const KeepErrno keep;
    return for_all(Verb::decommit_all, ranges, [](std::byte* base, std::span<Page> pages) {
        fill(base, pages, indeterminate);
    });
}

Result<void> os::discard_all(std::span<const Range> ranges) noexcept {
    const KeepErrno keep;
    return for_all(Verb::discard_all, ranges, [](std::byte* base, std::span<Page> pages) {
        fill(base, pages, indeterminate);
    });
}

Result<void> os::advise_all(std::span<const Range> ranges, Advice) noexcept {
    const KeepErrno keep;
    return for_all(Verb::advise_all, ranges, [](std::byte*, std::span<Page>) {});
}

Result<std::byte*> os::reserve(std::size_t bytes, std::size_t alignment) noexcept {
    const KeepErrno keep;
    require_size(bytes, Verb::reserve);
    require_alignment(alignment, Verb::reserve);
    Refusal refusal = enter({.verb = Verb::reserve, .bytes = bytes});
    if (!refusal) {
        refusal = lacks(bytes, 0);
    }
    if (refusal) {
        return std::unexpected(*refusal);
    }
    return add_area(bytes, alignment,
                    {true, Charge::charged, std::vector<Page>(bytes / page_size())});
}

Result<std::byte*> os::reserve_at(std::byte* where, std::size_t bytes) noexcept {
    const KeepErrno keep;
    require_size(bytes, Verb::reserve_at);
    require(
        where != nullptr && reinterpret_cast<std::uintptr_t>(where) % allocation_granularity() == 0,
        Verb::reserve_at, "not at the granularity");
    Refusal refusal = enter({.verb = Verb::reserve_at, .base = where, .bytes = bytes});
    if (!refusal) {
        refusal = lacks(bytes, 0);
    }
    if (!refusal && (is_any_area_in(where, bytes) || !take_memory_at(where, bytes))) {
        refusal = std::make_error_code(std::errc::address_in_use);
    }
    if (refusal) {
        return std::unexpected(*refusal);
    }
    state().areas.emplace(
        where, Area{true, Charge::charged, std::vector<Page>(bytes / page_size()), false});
    return where;
}

void os::release(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    const Found area = whole_area_of(base, bytes, true, Verb::release);
    note({.verb = Verb::release, .base = base, .bytes = bytes});
    remove(area, base, bytes);
}

Result<void> os::commit(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = reserved_pages(base, bytes, Verb::commit);
    Refusal refusal = enter({.verb = Verb::commit, .base = base, .bytes = bytes, .access = access});
    if (!refusal) {
        refusal = lacks(0, bytes);
    }
    if (!refusal) {
        set_access(base, pages, access);
        fill(base, pages, std::byte{0});
    }
    return answer(refusal);
}

Result<void> os::uncommit(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = pages_in_use(base, bytes, Verb::uncommit);
    require(area_of(base, bytes, Verb::uncommit)->second.is_reservation, Verb::uncommit,
            "not a reservation");
    const Refusal refusal = enter({.verb = Verb::uncommit, .base = base, .bytes = bytes});
    if (!refusal) {
        std::ranges::fill(pages, Page{});
        retire_memory(base, bytes);
    }
    return answer(refusal);
}

Result<void> os::move(std::byte* from, std::size_t bytes, std::byte* to) noexcept {
    const KeepErrno keep;
    const std::span<Page> source = unguarded_pages(from, bytes, Verb::move);
    const std::span<Page> target = reserved_pages(to, bytes, Verb::move);
    const Found source_area = area_of(from, bytes, Verb::move);
    const Found target_area = area_of(to, bytes, Verb::move);
    require(source_area->second.is_reservation && target_area->second.is_reservation, Verb::move,
            "not from reservation to reservation");
    require(source_area != target_area, Verb::move, "within one reservation");
    Refusal refusal = enter({.verb = Verb::move, .base = from, .bytes = bytes});
    if (!refusal && !state().machine.can_move) {
        refusal = not_supported();
    }
    if (refusal) {
        if (*refusal != not_supported()) {
            remove(target_area, to, bytes);
        }
        return std::unexpected(*refusal);
    }
    std::ranges::copy(source, target.begin());
    with_access(from, source,
                [&] { with_access(to, target, [&] { std::memcpy(to, from, bytes); }); });
    remove(source_area, from, bytes);
    return {};
}

Result<os::Guards> os::guard(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = unguarded_pages(base, bytes, Verb::guard);
    require(area_of(base, bytes, Verb::guard)->second.is_reservation, Verb::guard,
            "not a reservation");
    require(is_all(base, bytes, access), Verb::guard, "the access is another");
    if (const Refusal refusal =
            enter({.verb = Verb::guard, .base = base, .bytes = bytes, .access = access})) {
        if (*refusal != PageError::map_count_limit) {
            fill(base, pages, indeterminate);
        }
        return std::unexpected(*refusal);
    }
    if (!state().machine.marks_guards) {
        std::ranges::fill(pages, Page{});
        retire_memory(base, bytes);
        return Guards::pages_apart;
    }
    fill(base, pages, indeterminate);
    for (Page& each : pages) {
        each.is_guard = true;
    }
    set_hardware(base, std::span<const Page>(pages));
    return Guards::marks;
}

Result<void> os::unguard(std::byte* base, std::size_t bytes, Access access, Guards how) noexcept {
    const KeepErrno keep;
    const std::span<Page> pages = pages_of(area_of(base, bytes, Verb::unguard), base, bytes);
    for (const Page& each : pages) {
        require(each.is_guard != !each.is_in_use, Verb::unguard, "not a guard");
        require(how == Guards::pages_apart || (each.is_guard && each.access == access),
                Verb::unguard, "made in another way, or for another access");
    }
    const Refusal refusal =
        enter({.verb = Verb::unguard, .base = base, .bytes = bytes, .access = access});
    if (!refusal) {
        std::ranges::fill(pages, Page{true, access});
        set_hardware(base, std::span<const Page>(pages));
        fill(base, pages, indeterminate);
    }
    return answer(refusal);
}

class detail::Walk {
public:
    std::uintptr_t at = 0;
};

Result<detail::Walk*> os::start_walk() noexcept {
    const KeepErrno keep;
    if (const Refusal refusal = enter({.verb = Verb::start_walk})) {
        return std::unexpected(*refusal);
    }
    ++state().walks;
    return new detail::Walk;
}

Result<os::RegionInfo> os::region_from(detail::Walk& walk, std::uintptr_t address) noexcept {
    const KeepErrno keep;
    require(address >= walk.at, Verb::region_from, "not forwards");
    if (const Refusal refusal = enter({.verb = Verb::region_from})) {
        return std::unexpected(*refusal);
    }
    walk.at = address;
    for (const auto& [base, area] : state().areas) {
        // Runs of pages that are alike.
        for (std::size_t i = 0, next = 0; i != area.pages.size(); i = next) {
            const Page& first = area.pages[i];
            while (next != area.pages.size() && area.pages[next].is_in_use == first.is_in_use &&
                   area.pages[next].access == first.access) {
                ++next;
            }
            const auto start = reinterpret_cast<std::uintptr_t>(base) + i * page_size();
            const std::size_t bytes = (next - i) * page_size();
            if (start + bytes > address) {
                return RegionInfo{start, bytes, first.access,
                                  first.is_in_use ? RegionKind::anonymous : RegionKind::reserved,
                                  first.is_in_use ? "[fake]" : ""};
            }
        }
    }
    return RegionInfo{};
}

void os::end_walk(detail::Walk* walk) noexcept {
    require(walk != nullptr && state().walks != 0, Verb::start_walk, "none to end");
    --state().walks;
    delete walk;
}

// Whatever is in use is resident.
Result<void> os::resident_pages(const std::byte* base, std::span<bool> pages) noexcept {
    const KeepErrno keep;
    require(reinterpret_cast<std::uintptr_t>(base) % page_size() == 0 && !pages.empty(),
            Verb::resident, "not whole pages");
    const Refusal refusal = enter({.verb = Verb::resident, .bytes = pages.size() * page_size()});
    for (std::size_t i = 0; !refusal && i != pages.size(); ++i) {
        pages[i] = access_at(base + i * page_size()).has_value();
    }
    return answer(refusal);
}

Result<std::size_t> os::resident_bytes(const std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    require_size(bytes, Verb::resident);
    const auto are_resident = std::make_unique<bool[]>(bytes / page_size());
    const std::span<bool> pages(are_resident.get(), bytes / page_size());
    if (const Result<void> done = resident_pages(base, pages); !done) {
        return std::unexpected(done.error());
    }
    return static_cast<std::size_t>(std::ranges::count(pages, true)) * page_size();
}

}  // namespace memory_pages

#pragma GCC visibility pop
