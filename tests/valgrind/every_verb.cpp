// SPDX-License-Identifier: MIT
// Runs under valgrind, which must report nothing: every verb of the library that makes a system
// call, and every query that it makes at run time. Branches on results, so that valgrind notices
// bytes that it takes for uninitialised. Omits verbs for many ranges: older versions do not know
// process_madvise(2), and report that.
#include <memory_pages/exec.hpp>
#include <memory_pages/memory_pages.hpp>
#include <memory_pages/populate.hpp>
#include <memory_pages/untyped.hpp>

#include <array>
#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>

namespace {

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

/// Branches on each byte.
void look_at(const std::string& text) {
    for (const char c : text) {
        if (c == '\a') {
            std::puts("bell");
        }
    }
}

void ask() {
    for (const Feature feature :
         {Feature::commit_charge, Feature::uncharged_pages, Feature::moving_pages,
          Feature::write_exec, Feature::becoming_write_exec, Feature::becoming_exec,
          Feature::publishing, Feature::collapsing, Feature::many_guards}) {
        look_at(std::to_string(int{is_supported(feature)}));
    }
    for (const HugePages policy : {HugePages::prefer, HugePages::require}) {
        look_at(std::to_string(int{is_supported(policy)}));
    }
    for (const Advice advice :
         {Advice::use_soon, Advice::cold, Advice::page_out, Advice::never_merge}) {
        look_at(std::to_string(int{is_supported(advice)}));
    }
    look_at(std::to_string(int{Pages<DenyRead, AllowWrite, DenyExec>::is_enforced()}));
    look_at(std::to_string(int{Pages<DenyRead, DenyWrite, AllowExec>::is_enforced()}));
    look_at(std::to_string(int{ReadWrite::is_enforced()}));
    look_at(to_string(memory_limits()));
}

void look() {
    const ReadWrite pages(std::size_t{1} << 16, {.populate = true});
    look_at(to_string(query(pages.data())));
    for (const Region& region : regions()) {
        look_at(to_string(region));
    }
    look_at(std::to_string(resident_bytes(pages.data(), pages.size())));
    std::array<bool, 4> are_resident;
    resident_pages(pages.data(), are_resident);
    for (const bool is_resident : are_resident) {
        look_at(std::to_string(int{is_resident}));
    }
}

void use_pages() {
    ReadWrite pages(std::size_t{1} << 20);
    pages[0] = 1;
    pages.advise(Advice::use_soon);
    pages.decommit(page_size(), page_size());
    pages.discard(page_size(), page_size());
    pages.zero();
    pages.resize(std::size_t{8} << 20);
    populate(pages, {.threads = 2});
    auto code = std::move(pages).set_protected_exec();
    look_at(std::to_string(code[0]));
}

void use_the_rest() {
    GuardedPages<AllowRead, AllowWrite, DenyExec> guarded(std::size_t{1} << 16);
    guarded.guard(page_size(), page_size());
    guarded.unguard(page_size(), page_size());
    const int here = 0;
    const Reservation reservation(std::size_t{1} << 20, {.near_to = &here});
    auto range = reservation.commit<AllowRead, AllowWrite>(0, page_size());
    range[0] = 1;
    PagedVec<long> vec;
    for (long i = 0; i != 100'000; ++i) {
        vec.push(i);
    }
    vec.clear_decommit();
    PagePool pool;
    for (int round = 0; round != 2; ++round) {
        auto taken = pool.take<AllowRead, AllowWrite, DenyExec>(std::size_t{1} << 16);
        look_at(std::to_string(taken[0]));
        taken[0] = 1;
    }
}

void use_addresses() {
    const std::size_t bytes = 32 * page_size();
    std::byte* const base = *untyped::reserve(bytes);
    bool is_done = untyped::commit(base, bytes, Access::read_write).has_value();
    is_done &= untyped::zero(base, bytes) && untyped::discard(base, bytes) &&
               untyped::decommit(base, bytes) && untyped::advise(base, bytes, Advice::random);
    is_done &= untyped::protect(base, page_size(), Access::read) &&
               untyped::set_huge_pages(base, bytes, HugePages::never) &&
               untyped::uncommit(base, bytes) && untyped::unreserve(base, bytes);
    const auto small = untyped::map(page_size(), Access::read_write);
    const auto large = untyped::resize(*small, page_size(), bytes);
    look_at(std::to_string(std::to_integer<int>((*large)[bytes - 1])));
    is_done &= untyped::unmap(*large, bytes).has_value();
    look_at(std::to_string(int{is_done}));
}

}  // namespace

int main() {
    ask();
    look();
    use_pages();
    use_the_rest();
    use_addresses();
}
