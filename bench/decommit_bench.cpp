// SPDX-License-Identifier: MIT
/// \file
/// Giving memory back, and using it again.

#include "by_hand.hpp"
#include "measure.hpp"
#include "pages.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

namespace {

using measure::Sample;
using measure::Sampler;
using measure::Way;
using memory_pages::PagedVec;

using Element = std::uint64_t;

/// Times emptying a full container; with `with_refill` also refilling it. Resident is the rest of
/// the bytes in between.
template <class Empty, class Refill>
Sample emptied(bool with_refill, std::size_t bytes, Empty empty, Refill refill) {
    Sample sample;
    const std::size_t full = by_hand::resident_now();
    sample.nanoseconds = measure::time_of(empty);
    const std::size_t left = by_hand::resident_now() + bytes;
    sample.resident = left < full ? 0 : static_cast<double>(left - full);
    const double time = measure::time_of(refill);
    if (with_refill) {
        sample.nanoseconds += time;
    }
    return sample;
}

Sampler vector_decommits(bool with_refill, std::size_t bytes) {
    const std::size_t count = bytes / sizeof(Element);
    auto vector = std::make_shared<PagedVec<Element>>(count, 7);
    return [=] {
        return emptied(
            with_refill, bytes, [&] { vector->clear_decommit(); },
            [&] { vector->resize(count, 7); });
    };
}

Sampler vector_frees(bool with_refill, std::size_t bytes) {
    const std::size_t count = bytes / sizeof(Element);
    auto vector = std::make_shared<std::vector<Element>>(count, 7);
    return [=] {
        return emptied(
            with_refill, bytes, [&] { std::vector<Element>().swap(*vector); },
            [&] { vector->resize(count, 7); });
    };
}

template <void* (*map)(std::size_t)>
Sampler decommits_by_hand(bool with_refill, std::size_t bytes) {
    auto* const memory = static_cast<Element*>(map(bytes));
    const auto fill = [=] {
        std::uninitialized_fill_n(memory, bytes / sizeof(Element), 7);
        measure::keep(memory);
    };
    fill();
    return [=] { return emptied(with_refill, bytes, [&] { by_hand::drop(memory, bytes); }, fill); };
}

/// Pages: every other one of 8192.
constexpr std::size_t scattered = 4096;

void one_by_one(Writable& pages) {
    for (std::size_t i = 0; i < scattered; ++i) {
        by_hand::drop(pages.data() + 2 * i * by_hand::page, by_hand::page);
    }
}

void in_a_batch(Writable& pages) {
    static const std::vector<memory_pages::ByteRange> ranges = [] {
        std::vector<memory_pages::ByteRange> made;
        for (std::size_t i = 0; i < scattered; ++i) {
            made.push_back({2 * i * by_hand::page, by_hand::page});
        }
        return made;
    }();
    pages.decommit(ranges);
}

/// Times giving back, not touching again. With another running thread, the kernel must flush the
/// TLB of its processor.
template <void (*decommit)(Writable&)>
Sampler scattered_decommits(bool beside_a_thread) {
    return [=, pages = std::make_shared<Writable>(2 * scattered * by_hand::page)] {
        const std::jthread other([=](const std::stop_token& stop) {
            while (beside_a_thread && !stop.stop_requested()) {
            }
        });
        by_hand::touch(pages->data(), pages->size());
        return Sample{.nanoseconds = measure::time_of([&] { decommit(*pages); })};
    };
}

/// The resident memory over time while a GiB (`bytes`) is filled, cleared, filled again and freed.
template <class Vector, class Clear>
Sampler course(std::size_t bytes, Clear clear) {
    return [=] {
        Sample sample;
        const auto start = std::chrono::steady_clock::now();
        const auto before = static_cast<double>(by_hand::resident_now());
        std::atomic<bool> done = false;
        std::thread watcher([&] {
            while (!done) {
                const std::chrono::duration<double, std::milli> since =
                    std::chrono::steady_clock::now() - start;
                const double resident = static_cast<double>(by_hand::resident_now()) - before;
                sample.course.emplace_back(since.count(), resident / (1 << 20));
                std::this_thread::sleep_for(std::chrono::milliseconds(2));
            }
        });
        const auto rest = [] { std::this_thread::sleep_for(std::chrono::milliseconds(100)); };
        sample.nanoseconds = measure::time_of([&] {
            Vector vector;
            for (const std::size_t part : {std::size_t{1}, std::size_t{2}, std::size_t{1}}) {
                for (std::size_t i = 0; i < bytes / sizeof(Element) / part; ++i) {
                    vector.push_back(i);
                }
                measure::keep(vector.data());
                rest();
                clear(vector);
                rest();
            }
        });
        done = true;
        watcher.join();
        return sample;
    };
}

const bool added = [] {
    for (const bool with_refill : {false, true}) {
        const char* const work = with_refill ? "decommit and refill" : "decommit";
        const auto way = [&](const char* name, auto sampler) {
            Way(work, name, 1, [=](std::size_t bytes) { return sampler(with_refill, bytes); });
        };
        way("PagedVec::clear_decommit", vector_decommits);
        way("MADV_DONTNEED by hand, huge", decommits_by_hand<by_hand::map_huge>);
        way("MADV_DONTNEED by hand", decommits_by_hand<by_hand::map>);
        way("std::vector, freed", vector_frees);
    }
    for (const bool beside_a_thread : {false, true}) {
        const char* const work =
            beside_a_thread ? "scattered decommits beside a thread" : "scattered decommits";
        Way(work, "Pages::decommit of all ranges", 0,
            [=](std::size_t) { return scattered_decommits<in_a_batch>(beside_a_thread); });
        Way(work, "one call each by hand", 0,
            [=](std::size_t) { return scattered_decommits<one_by_one>(beside_a_thread); });
    }
    Way("resident over time", "PagedVec, clear_decommit()", 2, [](std::size_t bytes) {
        return course<PagedVec<Element>>(bytes, [](auto& vector) { vector.clear_decommit(); });
    });
    Way("resident over time", "std::vector, clear()", 2, [](std::size_t bytes) {
        return course<std::vector<Element>>(bytes, [](auto& vector) { vector.clear(); });
    });
    return true;
}();

}  // namespace
