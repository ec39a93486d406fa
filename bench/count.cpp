// SPDX-License-Identifier: MIT
/// \file
/// Does one operation the given number of times, and nothing else, for strace and callgrind: `count
/// OPERATION TIMES`. Without arguments, lists the operations.

#include "by_hand.hpp"
#include "measure.hpp"
#include "pages.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/mman.h>

namespace {

using memory_pages::PagedVec;

constexpr std::size_t large = 50'000'000;

void create_drop_by_hand(long times) {
    for (; times > 0; --times) {
        void* const memory = by_hand::map(large);
        measure::keep(memory);
        by_hand::unmap(memory, large);
    }
}

void create_drop_by_pages(long times) {
    for (; times > 0; --times) {
        Writable pages(large);
        measure::keep(pages.data());
    }
}

constexpr std::uint64_t many = 100'000;

/// This many elements, into memory that is committed already.
template <class Vector>
void push_back(long times) {
    for (; times > 0; --times) {
        Vector vector;
        vector.reserve(many);
        for (std::uint64_t i = 0; i < many; ++i) {
            vector.push_back(i);
        }
        measure::keep(vector.data());
    }
}

void push_back_on_pool(long times) {
    memory_pages::PagePool pool;
    for (; times > 0; --times) {
        PagedVec<std::uint64_t> vector(pool);
        for (std::uint64_t i = 0; i < many; ++i) {
            vector.push_back(i);
        }
        measure::keep(vector.data());
    }
}

void create_drop_from_pool(long times) {
    const Pool pool = generous_pool();
    for (; times > 0; --times) {
        auto pages = take(pool, large, memory_pages::Contents::indeterminate);
        measure::keep(pages.data());
    }
}

/// Every other page of a range.
void decommit_scattered(long times) {
    constexpr std::size_t count = 4096;
    Writable pages(2 * count * by_hand::page);
    std::vector<memory_pages::ByteRange> ranges;
    for (std::size_t i = 0; i < count; ++i) {
        ranges.push_back({2 * i * by_hand::page, by_hand::page});
    }
    for (; times > 0; --times) {
        pages.decommit(ranges);
    }
}

constexpr std::size_t filled = std::size_t{32} << 20;

void decommit_by_hand(long times) {
    void* const memory = by_hand::map_huge(filled);
    for (; times > 0; --times) {
        by_hand::fill(memory, filled);
        by_hand::drop(memory, filled);
    }
}

void decommit_by_vector(long times) {
    auto vector = PagedVec<std::uint8_t>::with_capacity(filled);
    for (; times > 0; --times) {
        vector.resize(filled, 1);
        vector.clear_decommit();
    }
}

constexpr std::size_t roomy = std::size_t{1} << 30;

void reserve_by_hand(long times) {
    for (; times > 0; --times) {
        void* const base = by_hand::reserve(roomy);
        measure::keep(base);
        by_hand::unmap(base, roomy);
    }
}

void reserve(long times) {
    for (; times > 0; --times) {
        const memory_pages::Reservation reservation(roomy);
        measure::keep(reservation.address());
    }
}

constexpr std::size_t part = std::size_t{64} << 10;

void use_part_by_hand(long times) {
    auto* const base = static_cast<std::byte*>(by_hand::reserve(roomy));
    for (; times > 0; --times) {
        measure::keep(by_hand::allow(base + part, part, true, true));
        measure::keep(by_hand::allow(base + part, part, true, false));
        measure::keep(by_hand::retire(base + part, part));
    }
}

void use_range(long times) {
    using memory_pages::AllowRead;
    using memory_pages::AllowWrite;
    const memory_pages::Reservation reservation(roomy);
    for (; times > 0; --times) {
        auto range = reservation.commit<AllowRead, AllowWrite>(part, part);
        const auto frozen = std::move(range).deny_write();
        measure::keep(frozen.data());
    }
}

using Guarded = memory_pages::GuardedPages<memory_pages::AllowRead, memory_pages::AllowWrite,
                                           memory_pages::DenyExec>;

void create_drop_guarded_by_hand(long times) {
    const std::size_t middle = large / by_hand::page * by_hand::page;
    for (; times > 0; --times) {
        void* const memory = ::mmap(nullptr, middle + 2 * by_hand::page, PROT_NONE,
                                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        ::mprotect(static_cast<std::uint8_t*>(memory) + by_hand::page, middle,
                   PROT_READ | PROT_WRITE);
        measure::keep(memory);
        by_hand::unmap(memory, middle + 2 * by_hand::page);
    }
}

void create_drop_guarded(long times) {
    for (; times > 0; --times) {
        Guarded pages(large);
        measure::keep(pages.data());
    }
}

void guard_by_hand(long times) {
    constexpr int guard_install = 102;  // Newer than the C library's headers.
    constexpr int guard_remove = 103;
    void* const memory = by_hand::map(by_hand::page);
    for (; times > 0; --times) {
        ::madvise(memory, by_hand::page, guard_install);
        ::madvise(memory, by_hand::page, guard_remove);
    }
}

void guard(long times) {
    Guarded pages(by_hand::page);
    for (; times > 0; --times) {
        pages.guard(0, by_hand::page);
        pages.unguard(0, by_hand::page);
    }
}

struct Operation {
    std::string_view name;
    void (*run)(long times);
};

constexpr Operation operations[] = {
    {"create and drop: by hand", create_drop_by_hand},
    {"create and drop: Pages", create_drop_by_pages},
    {"create and drop: Pages from a pool", create_drop_from_pool},
    {"create and drop guarded pages: by hand", create_drop_guarded_by_hand},
    {"create and drop guarded pages: GuardedPages", create_drop_guarded},
    {"guard and unguard: by hand", guard_by_hand},
    {"guard and unguard: GuardedPages", guard},
    {"decommit 4096 scattered pages", decommit_scattered},
    {"push_back of 100,000: std::vector", push_back<std::vector<std::uint64_t>>},
    {"push_back of 100,000: PagedVec", push_back<PagedVec<std::uint64_t>>},
    {"push_back of 100,000: PagedVec on a pool", push_back_on_pool},
    {"fill and decommit: by hand", decommit_by_hand},
    {"reserve and release: by hand", reserve_by_hand},
    {"reserve and release: Reservation", reserve},
    {"commit, protect and decommit: by hand", use_part_by_hand},
    {"commit, protect and decommit: PageRange", use_range},
    {"fill and decommit: PagedVec", decommit_by_vector},
};

}  // namespace

int main(int argc, char** argv) {
    for (const auto& [name, run] : operations) {
        if (argc == 1) {
            std::printf("%.*s\n", static_cast<int>(name.size()), name.data());
        } else if (argc == 3 && name == argv[1]) {
            run(std::strtol(argv[2], nullptr, 10));
            return 0;
        }
    }
    return argc == 1 ? 0 : 2;
}
