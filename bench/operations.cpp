// SPDX-License-Identifier: MIT
#include "operations.hpp"

#include "support/system_calls.hpp"

#include <memory_pages/pages.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace {

using Writable =
    memory_pages::Pages<memory_pages::AllowRead, memory_pages::AllowWrite, memory_pages::DenyExec>;

constexpr std::size_t large = 50'000'000;
constexpr std::size_t small = 1'000'000;

enum class Use { none, fill };

void use(void* memory, std::size_t bytes, Use how) {
    benchmark::DoNotOptimize(memory);
    if (how == Use::fill) {
        std::memset(memory, 1, bytes);
        benchmark::ClobberMemory();
    }
}

void by_hand(std::size_t bytes, Use how) {
    void* const memory = system_calls::map(bytes);
    use(memory, bytes, how);
    system_calls::unmap(memory, bytes);
}

void by_pages(std::size_t bytes, Use how) {
    Writable pages(bytes);
    use(pages.data(), bytes, how);
}

void by_malloc(std::size_t bytes, Use how) {
    void* const memory = std::malloc(bytes);
    use(memory, bytes, how);
    std::free(memory);
}

}  // namespace

void create_drop_by_hand() { by_hand(large, Use::none); }
void create_drop_by_pages() { by_pages(large, Use::none); }
void create_drop_by_uncharged_pages() {
    Writable pages(large, {.uncharged = true});
    use(pages.data(), large, Use::none);
}
void create_drop_by_malloc() { by_malloc(large, Use::none); }

void fill_by_hand() { by_hand(large, Use::fill); }
void fill_by_pages() { by_pages(large, Use::fill); }
void fill_by_malloc() { by_malloc(large, Use::fill); }

void create_drop_small_by_pages() { by_pages(small, Use::none); }
void create_drop_small_by_malloc() { by_malloc(small, Use::none); }
