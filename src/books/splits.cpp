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

/// Never destroyed: pages may be static objects.
std::mutex& mutex() noexcept {
    static auto* const the_mutex = new std::mutex;
    return *the_mutex;
}

/// Of each part, by its first byte. Parts have addresses of their own for as long as they are here,
/// so these never clash. None before the first split.
using Parts = std::unordered_map<const std::byte*, Whole*>;
constinit Parts* parts = nullptr;

/// Told when the program starts: later, one thread may make a child while another tells it.
[[maybe_unused]] const bool forks_are_watched = [] {
    (void)mutex();
    os::on_fork([]() noexcept { mutex().lock(); }, []() noexcept { mutex().unlock(); });
    return true;
}();

void add_or_throw(const std::byte* part, Whole* whole) {
    if (parts == nullptr) {
        parts = new Parts;
    }
    const auto [at, is_new] = parts->try_emplace(part, whole);
    if (!is_new) {
        // Of pages that were released, and unmapped by whoever got them.
        if (--at->second->parts == 0) {
            delete at->second;
        }
        at->second = whole;
    }
}

/// False: there is no memory.
bool add(const std::byte* part, Whole* whole) noexcept {
#if defined(__cpp_exceptions)
    try {
        add_or_throw(part, whole);
    } catch (const std::bad_alloc&) {
        return false;
    }
#else
    add_or_throw(part, whole);
#endif
    return true;
}

std::unexpected<std::error_code> not_enough_memory() noexcept {
    return std::unexpected(std::make_error_code(std::errc::not_enough_memory));
}

}  // namespace

Result<void> split_pages(std::byte* base, std::size_t bytes, std::byte* behind,
                         bool is_part) noexcept {
    const std::lock_guard lock(mutex());
    if (is_part) {
        Whole* const whole = parts->find(base)->second;
        if (!add(behind, whole)) {
            return not_enough_memory();
        }
        ++whole->parts;
        return {};
    }
    auto* const whole = new (std::nothrow) Whole{base, bytes, 2};
    if (whole == nullptr || !add(base, whole)) {
        delete whole;
        return not_enough_memory();
    }
    if (!add(behind, whole)) {
        parts->erase(base);
        delete whole;
        return not_enough_memory();
    }
    return {};
}

Joined join_parts(std::byte* front, std::byte* behind, std::size_t bytes) noexcept {
    const std::lock_guard lock(mutex());
    Whole* const whole = parts->find(front)->second;
    if (parts->find(behind)->second != whole) {
        return Joined::no;
    }
    parts->erase(behind);
    --whole->parts;
    if (whole->bytes != bytes) {
        return Joined::to_a_part;
    }
    parts->erase(front);
    delete whole;
    return Joined::to_the_whole;
}

void unmap_part(std::byte* base, std::size_t bytes) noexcept {
    // Held while the system is asked: the last part of a mapping must go last.
    const std::lock_guard lock(mutex());
    const auto part = parts->find(base);
    Whole* const whole = part->second;
    parts->erase(part);
    const bool is_last = --whole->parts == 0;
    os::unmap_part(base, bytes, whole->base, is_last);
    if (is_last) {
        delete whole;
    }
}

}  // namespace memory_pages::detail
