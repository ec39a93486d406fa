// SPDX-License-Identifier: MIT
#include "books/splits.hpp"

#include "os/os.hpp"

#include <mutex>
#include <new>
#include <unordered_map>

namespace memory_pages::detail {
namespace {

/// A mapping that was split.
struct Whole {
    std::byte* base;
    std::size_t bytes;
    std::size_t parts;
};

struct Table {
    std::mutex mutex;
    /// Of each part, by its first byte. Parts have addresses of their own for as long as they are
    /// here, so these never clash.
    std::unordered_map<const std::byte*, Whole*> parts;
};

/// Never destroyed: pages may be static objects.
Table& table() noexcept {
    static Table* const the_table = [] {
        auto* const fresh = new Table;
        os::on_fork([]() noexcept { table().mutex.lock(); },
                    []() noexcept { table().mutex.unlock(); });
        return fresh;
    }();
    return *the_table;
}

/// False: there is no memory.
bool add(Table& where, const std::byte* part, Whole* whole) noexcept {
#if defined(__cpp_exceptions)
    try {
        where.parts.emplace(part, whole);
    } catch (const std::bad_alloc&) {
        return false;
    }
#else
    where.parts.emplace(part, whole);
#endif
    return true;
}

std::unexpected<std::error_code> not_enough_memory() noexcept {
    return std::unexpected(std::make_error_code(std::errc::not_enough_memory));
}

}  // namespace

Result<void> split_pages(std::byte* base, std::size_t bytes, std::byte* behind,
                         bool is_part) noexcept {
    Table& all = table();
    const std::lock_guard lock(all.mutex);
    if (is_part) {
        Whole* const whole = all.parts.find(base)->second;
        if (!add(all, behind, whole)) {
            return not_enough_memory();
        }
        ++whole->parts;
        return {};
    }
    auto* const whole = new (std::nothrow) Whole{base, bytes, 2};
    if (whole == nullptr || !add(all, base, whole)) {
        delete whole;
        return not_enough_memory();
    }
    if (!add(all, behind, whole)) {
        all.parts.erase(base);
        delete whole;
        return not_enough_memory();
    }
    return {};
}

Joined join_parts(std::byte* front, std::byte* behind, std::size_t bytes) noexcept {
    Table& all = table();
    const std::lock_guard lock(all.mutex);
    Whole* const whole = all.parts.find(front)->second;
    if (all.parts.find(behind)->second != whole) {
        return Joined::no;
    }
    all.parts.erase(behind);
    --whole->parts;
    if (whole->bytes != bytes) {
        return Joined::to_a_part;
    }
    all.parts.erase(front);
    delete whole;
    return Joined::to_the_whole;
}

void unmap_part(std::byte* base, std::size_t bytes) noexcept {
    Table& all = table();
    // Held while the system is asked: the last part of a mapping must go last.
    const std::lock_guard lock(all.mutex);
    const auto part = all.parts.find(base);
    Whole* const whole = part->second;
    all.parts.erase(part);
    const bool is_last = --whole->parts == 0;
    os::unmap_part(base, bytes, whole->base, is_last);
    if (is_last) {
        delete whole;
    }
}

}  // namespace memory_pages::detail
