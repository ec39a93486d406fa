// SPDX-License-Identifier: MIT
/// \file
/// Growing a vector from empty, by one element at a time. Sizes are numbers of elements.

#include "by_hand.hpp"
#include "heaps.hpp"
#include "measure.hpp"
#include "pages.hpp"
#include "push_back.hpp"

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace {

using measure::Sampler;
using measure::Way;
using memory_pages::PagedVec;

using push_back::Element;
using push_back::warmth;

PagedVec<Element> with_policy(memory_pages::HugePages policy) {
    PagedVec<Element> vector;
    vector.set_huge_pages(policy);
    return vector;
}

/// The minimum of `push_back`: a compare, a store and an increment.
class NeverFull {
public:
    NeverFull(Element* memory, std::size_t count) : end_(memory), limit_(memory + count) {}

    void push_back(Element value) {
        if (end_ == limit_) [[unlikely]] {
            std::abort();
        }
        *end_++ = value;
    }
    [[nodiscard]] Element* data() { return end_; }

private:
    Element* end_;
    Element* limit_;
};

/// The ways of one work. `sampler(count, make)` is `grown` or `repeated`.
template <class SamplerOf>
void add(const std::string& work, SamplerOf sampler) {
    const auto way = [&](const char* name, auto make) {
        Way(work, name, warmth, [=](std::size_t count) { return sampler(count, make); });
    };
    way("std::vector", [] [[gnu::always_inline]] () { return std::vector<Element>(); });
    way("PagedVec", [] [[gnu::always_inline]] () { return PagedVec<Element>(); });
    way("PagedVec, never huge", [] { return with_policy(memory_pages::HugePages::never); });

    Way(work, "PagedVec on a warm pool", warmth, [=](std::size_t count) {
        const Pool pool = generous_pool();
        // Inlined, as where a vector is declared: otherwise its address escapes.
        const auto make = [pool]()
                              __attribute__((always_inline)) { return PagedVec<Element>(*pool); };
        auto used_before = make();
        push_back::push_all(used_before, count);
        return sampler(count, make);
    });
    Way(work, "std::vector, reserve(n)", warmth, [=](std::size_t count) {
        return sampler(count, [count] [[gnu::always_inline]] () {
            std::vector<Element> vector;
            vector.reserve(count);
            return vector;
        });
    });
    for (const heaps::Known& known : heaps::known()) {
        if (*known.library != '\0') {
            Way(work, std::string("std::vector on ") + known.name, warmth, [=](std::size_t count) {
                using Allocator = heaps::Allocator<Element>;
                return sampler(count, [allocator = Allocator(known.load())] {
                    return std::vector<Element, Allocator>(allocator);
                });
            });
        }
    }
    Way(work, "warm memory: the limit", warmth, [=](std::size_t count) {
        auto* const memory = static_cast<Element*>(by_hand::resident(count * sizeof(Element)));
        return sampler(count, [=] { return NeverFull(memory, count); });
    });
}

const bool added = [] {
    add("push_back", [](std::size_t count, auto make) { return push_back::grown(count, make); });
    add("push_back, repeated",
        [](std::size_t count, auto make) { return push_back::repeated(count, make); });
    return true;
}();

}  // namespace
