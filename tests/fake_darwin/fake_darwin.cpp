// SPDX-License-Identifier: MIT
#include "fake_darwin.hpp"

#include "darwin.hpp"
#include "support/probe.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace fake_darwin {
namespace {

using darwin::kern_return_t;

constexpr int all_protection = darwin::prot_read | darwin::prot_write | darwin::prot_exec;
constexpr int write_exec = darwin::prot_write | darwin::prot_exec;

/// Pages with the same history: one entry in the kernel's map.
struct Region {
    std::size_t bytes = 0;
    int protection = 0;
    bool is_jit = false;
};

/// What a region pretends to be.
struct Pretence {
    Kind kind;
    std::string file;
};

/// A reusable page, and its bytes when it became so.
using Left = std::vector<std::byte>;

struct Refusal {
    Call call;
    int error;
    int times;
};

struct State {
    Machine machine;
    std::map<std::byte*, Region> regions;
    std::map<std::byte*, Left> reusable;
    std::map<const std::byte*, Pretence> pretences;
    std::vector<Made> calls;
    std::optional<Refusal> refusal;
    std::vector<darwin::mach_port_t> thread_list;
    std::set<darwin::mach_port_t> ports;
    unsigned turn = 0;
    bool is_writing = false;
};

State& state() {
    static auto* const the_state = new State;
    return *the_state;
}

std::size_t page() { return state().machine.page_size; }

[[noreturn]] void stop(const char* call, const char* what) {
    std::fprintf(stderr, "fake_darwin: %s: %s\n", call, what);
    std::abort();
}

void require(bool holds, const char* call, const char* what) {
    if (!holds) {
        stop(call, what);
    }
}

int answer(int error) {
    errno = error;
    return -1;
}

/// Records a call. Returns its error if it is to be refused.
std::optional<int> enter(const Made& made) {
    State& s = state();
    s.calls.push_back(made);
    if (!s.refusal || s.refusal->call != made.call) {
        return std::nullopt;
    }
    const int error = s.refusal->error;
    if (--s.refusal->times == 0) {
        s.refusal.reset();
    }
    return error;
}

bool is_aligned(const void* base) { return reinterpret_cast<std::uintptr_t>(base) % page() == 0; }

/// xnu, vm_sanitize_addr_size: the kernel silently rounds outward to whole pages.
void require_whole_pages(const void* base, std::size_t bytes, const char* call) {
    require(is_aligned(base) && bytes != 0 && bytes % page() == 0, call,
            "not whole pages: the kernel would round over a neighbour");
}

// -- real memory ----------------------------------------------------------------------------------

void must(bool holds) {
    if (!holds) {
        std::perror("fake_darwin: the real system refuses");
        std::abort();
    }
}

/// mmap(2), xnu mmap and mprotect: writing or executing implies reading.
int implied(int protection) {
    return protection == darwin::prot_none ? protection : protection | darwin::prot_read;
}

/// Darwin's protection bits are those of Linux. The switch of MAP_JIT removes write or execute.
void set_hardware(std::byte* base, const Region& region) {
    const bool is_switched = state().machine.has_jit_switch && region.is_jit &&
                             (region.protection & write_exec) == write_exec;
    const int missing =
        !is_switched ? 0 : (state().is_writing ? darwin::prot_exec : darwin::prot_write);
    must(::mprotect(base, region.bytes, region.protection & ~missing) == 0);
}

/// Real addresses that are aligned to a page, but not to two.
std::byte* take_addresses(std::size_t bytes) {
    const std::size_t total = bytes + 4 * page();
    void* const taken =
        ::mmap(nullptr, total, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (taken == MAP_FAILED) {
        return nullptr;
    }
    auto* const first = static_cast<std::byte*>(taken);
    const std::uintptr_t address = reinterpret_cast<std::uintptr_t>(first);
    const std::size_t head = (address / (2 * page()) + 1) * (2 * page()) + page() - address;
    must(::munmap(first, head) == 0);
    must(::munmap(first + head + bytes, total - head - bytes) == 0);
    return first + head;
}

/// Calls `act` with the bytes of pages, whatever their permissions.
template <class Act>
void with_access(std::byte* base, std::size_t bytes, const Region& region, Act act) {
    must(::mprotect(base, bytes, PROT_READ | PROT_WRITE) == 0);
    act();
    set_hardware(base, {bytes, region.protection, region.is_jit});
}

// -- regions --------------------------------------------------------------------------------------

using Found = std::map<std::byte*, Region>::iterator;

Found region_of(std::byte* base) {
    auto& regions = state().regions;
    auto found = regions.upper_bound(base);
    if (found == regions.begin()) {
        return regions.end();
    }
    --found;
    return base < found->first + found->second.bytes ? found : regions.end();
}

/// Splits the region that contains `at`.
void clip(std::byte* at) {
    const Found region = region_of(at);
    if (region == state().regions.end() || region->first == at) {
        return;
    }
    const auto before = static_cast<std::size_t>(at - region->first);
    Region rest = region->second;
    rest.bytes -= before;
    region->second.bytes = before;
    state().regions.emplace(at, rest);
}

/// The regions of a range; none if it has a hole.
std::vector<Found> regions_in(std::byte* base, std::size_t bytes) {
    clip(base);
    clip(base + bytes);
    std::vector<Found> found;
    std::byte* next = base;
    while (next != base + bytes) {
        const Found region = region_of(next);
        if (region == state().regions.end()) {
            return {};
        }
        found.push_back(region);
        next += region->second.bytes;
    }
    return found;
}

void forget_regions(const std::vector<Found>& found) {
    for (const Found region : found) {
        state().regions.erase(region);
    }
}

bool is_executable(const std::byte* base) {
    return (region_of(const_cast<std::byte*>(base))->second.protection & darwin::prot_exec) != 0;
}

// -- pages that may be taken ----------------------------------------------------------------------

/// Makes the reusable pages of a range used again. A page that was changed meanwhile is in use but
/// not counted. Programs must call MADV_FREE_REUSE when code is ready, and not before.
void reuse(std::byte* base, std::size_t bytes, const char* call) {
    auto& reusable = state().reusable;
    for (auto page_left = reusable.lower_bound(base);
         page_left != reusable.end() && page_left->first < base + bytes;) {
        std::byte* const at = page_left->first;
        if (!is_executable(at)) {
            with_access(at, page(), region_of(at)->second, [&] {
                require(std::memcmp(at, page_left->second.data(), page()) == 0, call,
                        "these pages are used again without MADV_FREE_REUSE");
            });
        }
        page_left = reusable.erase(page_left);
    }
}

bool has_reusable(const std::byte* base, std::size_t bytes) {
    const auto& reusable = state().reusable;
    const auto found = std::find_if(reusable.begin(), reusable.end(), [&](const auto& entry) {
        return entry.first < base + bytes && entry.first + page() > base;
    });
    return found != reusable.end();
}

/// Makes contents indeterminate, page by page in turn: kept, changed, zero.
void give_up(std::byte* base, std::size_t bytes, const Region& region, bool is_reusable) {
    with_access(base, bytes, region, [&] {
        for (std::byte* at = base; at != base + bytes; at += page()) {
            const unsigned how = state().turn++ % 3;
            if (how != 0) {
                std::memset(at, how == 1 ? 0xA5 : 0, page());
            }
            if (is_reusable) {
                state().reusable.insert_or_assign(at, Left(at, at + page()));
            }
        }
    });
}

/// xnu, vm_map_enter and vm_map_protect.
bool may_write_and_execute(bool is_jit) {
    const Machine& machine = state().machine;
    return is_jit ? machine.allows_jit : !machine.has_jit_switch && machine.allows_jit;
}

}  // namespace

void boot(const Machine& machine) {
    State& s = state();
    for (const auto& [base, region] : s.regions) {
        must(::munmap(base, region.bytes) == 0);
    }
    s = State{};
    s.machine = machine;
    darwin::vm_page_size = machine.page_size;
}

std::size_t page_size() { return page(); }

void refuse(Call call, int error, int times) { state().refusal = Refusal{call, error, times}; }

const std::vector<Made>& calls() { return state().calls; }

std::size_t count_of(Call call) {
    return static_cast<std::size_t>(
        std::ranges::count(calls(), call, [](const Made& made) { return made.call; }));
}

void forget_calls() { state().calls.clear(); }

std::size_t mapped_bytes() {
    std::size_t bytes = 0;
    for (const auto& [base, region] : state().regions) {
        bytes += region.bytes;
    }
    return bytes;
}

std::size_t reusable_bytes() { return state().reusable.size() * page(); }

void pretend(const std::byte* base, Kind kind, const std::string& file) {
    if (kind == Kind::plain) {
        state().pretences.erase(base);
    } else {
        state().pretences.insert_or_assign(base, Pretence{kind, file});
    }
}

std::size_t ports_left() { return state().ports.size() + state().thread_list.size(); }

std::size_t threads() { return 3; }

}  // namespace fake_darwin

using namespace fake_darwin;

darwin::vm_size_t darwin::vm_page_size = arm64.page_size;

void* darwin::mmap(void* where, std::size_t bytes, int protection, int flags, int /*tag*/,
                   std::int64_t /*offset*/) noexcept {
    auto* base = static_cast<std::byte*>(where);
    const auto failed = [](int error) {
        errno = error;
        return MAP_FAILED;
    };
    if (const auto error = enter({Call::mmap, base, bytes, protection})) {
        return failed(*error);
    }
    const bool is_jit = (flags & map_jit) != 0;
    const bool is_fixed = (flags & map_fixed) != 0;
    require((flags & map_anon) != 0, "mmap", "files are no part of this fake");
    // mmap(2), xnu mmap.
    const bool is_shared = (flags & map_shared) != 0;
    const bool is_private = (flags & map_private) != 0;
    if (bytes == 0 || bytes > PTRDIFF_MAX || is_shared == is_private ||
        (is_fixed && !is_aligned(where)) ||
        (is_jit && (is_fixed || is_shared || !state().machine.allows_jit)) ||
        (protection & ~all_protection) != 0) {
        return failed(EINVAL);
    }
    if ((protection & write_exec) == write_exec && !may_write_and_execute(is_jit)) {
        return failed(EACCES);
    }
    require_whole_pages(is_fixed ? where : nullptr, bytes, "mmap");
    if (is_fixed) {
        const std::vector<Found> old = regions_in(base, bytes);
        require(!old.empty(), "mmap", "MAP_FIXED over what is not ours");
        require(std::ranges::none_of(old,
                                     [&](Found region) {
                                         return region->second.is_jit &&
                                                is_executable(region->first);
                                     }),
                "mmap", "MAP_FIXED over pages with MAP_JIT, which is lost");
        require(std::ranges::none_of(
                    old, [](Found region) { return state().pretences.contains(region->first); }),
                "mmap", "MAP_FIXED over a file, shared or locked memory");
        reuse(base, bytes, "mmap");
        forget_regions(old);
        must(::mmap(base, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED,
                    -1, 0) == base);
    } else {
        base = take_addresses(bytes);
        if (base == nullptr) {
            return failed(ENOMEM);
        }
    }
    const Region region{bytes, implied(protection), is_jit};
    state().regions.emplace(base, region);
    set_hardware(base, region);
    return base;
}

int darwin::munmap(void* where, std::size_t bytes) noexcept {
    auto* const base = static_cast<std::byte*>(where);
    if (const auto error = enter({Call::munmap, base, bytes, 0})) {
        return answer(*error);
    }
    if (!is_aligned(base) || bytes == 0) {
        return answer(EINVAL);
    }
    require_whole_pages(base, bytes, "munmap");
    const std::vector<Found> regions = regions_in(base, bytes);
    require(!regions.empty(), "munmap", "what is not ours");
    reuse(base, bytes, "munmap");
    forget_regions(regions);
    must(::munmap(base, bytes) == 0);
    return 0;
}

int darwin::mprotect(void* where, std::size_t bytes, int protection) noexcept {
    auto* const base = static_cast<std::byte*>(where);
    if (const auto error = enter({Call::mprotect, base, bytes, protection})) {
        return answer(*error);
    }
    if (!is_aligned(base)) {
        return answer(EINVAL);
    }
    require_whole_pages(base, bytes, "mprotect");
    const std::vector<Found> regions = regions_in(base, bytes);
    if (regions.empty()) {
        return answer(ENOMEM);
    }
    const bool is_refused = std::ranges::any_of(regions, [&](Found region) {
        const bool is_jit = region->second.is_jit;
        const bool stays = is_jit && state().machine.has_jit_switch &&
                           (region->second.protection & write_exec) == write_exec;
        return stays || ((protection & write_exec) == write_exec && !may_write_and_execute(is_jit));
    });
    if (is_refused) {
        return answer(EACCES);
    }
    for (const Found region : regions) {
        region->second.protection = implied(protection);
        set_hardware(region->first, region->second);
    }
    return 0;
}

int darwin::madvise(void* where, std::size_t bytes, int advice) noexcept {
    auto* const base = static_cast<std::byte*>(where);
    if (const auto error = enter({Call::madvise, base, bytes, advice})) {
        return answer(*error);
    }
    require_whole_pages(base, bytes, "madvise");
    const std::vector<Found> regions = regions_in(base, bytes);
    if (regions.empty()) {
        return answer(EINVAL);
    }
    const auto all_allow = [&](int protection) {
        return std::ranges::all_of(regions, [=](Found region) {
            return (region->second.protection & protection) != 0 ||
                   (protection == prot_write && region->second.is_jit);
        });
    };
    switch (advice) {
        case madv_normal:
        case madv_random:
        case madv_sequential:
        case madv_dontneed:  // Frees and zeroes nothing.
            return 0;
        case madv_willneed:
            return all_allow(all_protection) ? 0 : answer(EPERM);
        case madv_free_reusable:
            if (!all_allow(prot_write)) {
                return answer(EPERM);
            }
            [[fallthrough]];
        case madv_free:
            for (const Found region : regions) {
                give_up(region->first, region->second.bytes, region->second,
                        advice == madv_free_reusable);
            }
            return 0;
        case madv_free_reuse:
            reuse(base, bytes, "madvise");
            return 0;
        default:
            return answer(EINVAL);
    }
}

int darwin::pthread_jit_write_protect_supported_np() noexcept {
    return state().machine.has_jit_switch ? 1 : 0;
}

void darwin::pthread_jit_write_protect_np(int enabled) noexcept {
    (void)enter({Call::jit_write_protect, nullptr, 0, enabled});
    if (!state().machine.has_jit_switch) {
        return;  // pthread_jit_write_protect_np(3)
    }
    state().is_writing = enabled == 0;
    for (const auto& [base, region] : state().regions) {
        if (region.is_jit) {
            set_hardware(base, region);
        }
    }
}

void darwin::sys_icache_invalidate(void* start, std::size_t length) noexcept {
    auto* const base = static_cast<std::byte*>(start);
    (void)enter({Call::icache_invalidate, base, length, 0});
    require(probe::can_read(base) && probe::can_read(base + length - 1), "sys_icache_invalidate",
            "the pages cannot be read");
    require(!has_reusable(base, length), "sys_icache_invalidate",
            "these pages become code without MADV_FREE_REUSE");
}

darwin::mach_port_t darwin::mach_task_self() noexcept { return 1; }

// xnu, vm_map_region_recurse_64: the depth is beyond all submaps, so none is reported.
kern_return_t darwin::vm_region_recurse_64(mach_port_t task, vm_address_t* address, vm_size_t* size,
                                           unsigned* depth, vm_region_info_t info,
                                           mach_msg_type_number_t* count) noexcept {
    auto* base = reinterpret_cast<std::byte*>(*address);
    if (const auto error = enter({Call::vm_region_recurse, base, 0, 0})) {
        return *error;
    }
    require(task == mach_task_self(), "vm_region_recurse", "not of this task");
    require(*depth > 1, "vm_region_recurse", "what is in maps within the map is not told of");
    if (*count < vm_region_submap_short_info_count_64) {
        return kern_invalid_argument;
    }
    Found region = region_of(base);
    if (region == state().regions.end()) {
        region = state().regions.lower_bound(base);
    }
    if (region == state().regions.end()) {
        return kern_invalid_address;
    }
    const auto pretence = state().pretences.find(region->first);
    const Kind kind = pretence == state().pretences.end() ? Kind::plain : pretence->second.kind;
    vm_region_submap_short_info_data_64_t found{};
    found.protection = region->second.protection;
    found.max_protection = all_protection;
    found.inheritance = kind == Kind::shared ? vm_inherit_share : vm_inherit_copy;
    found.external_pager = kind == Kind::file ? 1 : 0;
    found.user_wired_count = kind == Kind::locked ? 1 : 0;
    found.share_mode =
        static_cast<unsigned char>(kind == Kind::shared_with_a_task ? sm_trueshared : sm_private);
    std::memcpy(info, &found, sizeof found);
    *address = reinterpret_cast<vm_address_t>(region->first);
    *size = region->second.bytes;
    *depth = 0;
    return kern_success;
}

// Libc, proc_regionfilename: a region without a file may get the name of a later one.
int darwin::proc_regionfilename(int /*process*/, std::uint64_t address, void* name,
                                std::uint32_t bytes) noexcept {
    constexpr std::uint32_t longest_path = 1024;
    const auto pretence = state().pretences.find(reinterpret_cast<const std::byte*>(address));
    require(pretence != state().pretences.end() && pretence->second.kind == Kind::file,
            "proc_regionfilename", "not of a file");
    if (bytes < longest_path) {
        return 0;
    }
    const std::string& file = pretence->second.file;
    std::memcpy(name, file.c_str(), file.size() + 1);
    return static_cast<int>(file.size());
}

// xnu, mincore: unmapped pages are not resident.
int darwin::mincore(const void* base, std::size_t bytes, char* pages) noexcept {
    auto* const first = static_cast<std::byte*>(const_cast<void*>(base));
    if (const auto error = enter({Call::mincore, first, bytes, 0})) {
        return answer(*error);
    }
    for (std::size_t i = 0; i < bytes / page(); ++i) {
        std::byte* const at = first + i * page();
        const bool is_ours = region_of(at) != state().regions.end();
        pages[i] = is_ours && probe::resident_bytes(at, page()) != 0 ? mincore_incore : char{0};
    }
    return 0;
}

kern_return_t darwin::vm_remap(mach_port_t task, vm_address_t* target, vm_size_t size,
                               vm_address_t mask, int flags, mach_port_t source_task,
                               vm_address_t source, int copy, int* protection, int* max_protection,
                               unsigned inheritance) noexcept {
    auto* const to = reinterpret_cast<std::byte*>(*target);
    auto* const from = reinterpret_cast<std::byte*>(source);
    if (const auto error = enter({Call::vm_remap, to, size, 0})) {
        return *error;
    }
    require(task == mach_task_self() && source_task == task && mask == 0 && copy == 0 &&
                flags == (vm_flags_fixed | vm_flags_overwrite) && inheritance == vm_inherit_default,
            "vm_remap", "this fake shares pages within this task, over others");
    require_whole_pages(to, size, "vm_remap");
    require_whole_pages(from, size, "vm_remap");
    const std::vector<Found> old = regions_in(to, size);
    const std::vector<Found> shared = regions_in(from, size);
    require(!old.empty() && shared.size() == 1, "vm_remap", "what is not ours");
    reuse(to, size, "vm_remap");
    forget_regions(old);
    Region& region = shared.front()->second;
    // Moves the shared pages to their target, and maps others at the source, which nothing may
    // read.
    must(::mremap(from, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
    must(::mmap(from, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
                0) == from);
    state().regions.emplace(to, region);
    *protection = region.protection;
    *max_protection = all_protection;
    region.protection = prot_none;
    return kern_success;
}

kern_return_t darwin::task_threads(mach_port_t task, thread_act_array_t* list,
                                   mach_msg_type_number_t* count) noexcept {
    if (const auto error = enter({Call::task_threads, nullptr, 0, 0})) {
        return *error;
    }
    require(task == mach_task_self(), "task_threads", "not of this task");
    State& s = state();
    for (std::size_t i = 0; i < threads(); ++i) {
        s.thread_list.push_back(100 + static_cast<mach_port_t>(i));
    }
    s.ports.insert(s.thread_list.begin(), s.thread_list.end());
    *list = s.thread_list.data();
    *count = static_cast<mach_msg_type_number_t>(s.thread_list.size());
    return kern_success;
}

kern_return_t darwin::thread_get_register_pointer_values(mach_port_t thread,
                                                         std::uintptr_t* /*stack*/,
                                                         std::size_t* length,
                                                         std::uintptr_t* /*values*/) noexcept {
    if (const auto error = enter({Call::thread_registers, nullptr, 0, static_cast<int>(thread)})) {
        return *error;
    }
    require(state().ports.contains(thread), "thread_get_register_pointer_values", "no thread");
    require(*length == 0, "thread_get_register_pointer_values", "this fake has no registers");
    return kern_insufficient_buffer_size;
}

kern_return_t darwin::mach_port_deallocate(mach_port_t task, mach_port_t name) noexcept {
    require(task == mach_task_self() && state().ports.erase(name) == 1, "mach_port_deallocate",
            "no port of ours");
    return kern_success;
}

kern_return_t darwin::vm_deallocate(mach_port_t task, vm_address_t address,
                                    vm_size_t size) noexcept {
    State& s = state();
    require(task == mach_task_self() &&
                address == reinterpret_cast<vm_address_t>(s.thread_list.data()) &&
                size == s.thread_list.size() * sizeof(mach_port_t),
            "vm_deallocate", "not what task_threads gave");
    s.thread_list.clear();
    return kern_success;
}
