// SPDX-License-Identifier: MIT
#include "os/os.hpp"

#include <memory_pages/detail/borrow.hpp>
#include <memory_pages/detail/check.hpp>

#include <cstddef>
#include <mutex>
#include <new>
#include <unordered_map>

namespace memory_pages::detail {
namespace {

struct Table {
    std::mutex mutex;
    std::unordered_map<const void*, std::size_t> borrowers;
};

/// Never destroyed: a borrower may be a static object too. Takes no memory before there is one.
Table& table() noexcept {
    alignas(Table) static std::byte place[sizeof(Table)];
    static auto* const the_table = new (place) Table;
    return *the_table;
}

/// Told when the program starts: later, one thread may make a child while another tells it.
[[maybe_unused]] const bool forks_are_watched = [] {
    if constexpr (borrows_counted) {
        (void)table();
        os::on_fork([]() noexcept { table().mutex.lock(); },
                    []() noexcept { table().mutex.unlock(); });
    }
    return true;
}();

}  // namespace

void count_borrower(const void* base) noexcept {
    const std::lock_guard lock(table().mutex);
    ++table().borrowers[base];
}

void uncount_borrower(const void* base) noexcept {
    const std::lock_guard lock(table().mutex);
    if (--table().borrowers[base] == 0) {
        table().borrowers.erase(base);
    }
}

void check_not_borrowed(const char* call, const void* base) noexcept {
    const std::lock_guard lock(table().mutex);
    if (table().borrowers.contains(base)) {
        fail_contract(call, "these pages are still borrowed, by a FnRef or by read or write");
    }
}

}  // namespace memory_pages::detail
