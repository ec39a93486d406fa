// SPDX-License-Identifier: MIT
/// \file
/// Growing a vector of elements that cannot be relocated as bytes, and that own no heap block.

#include "measure.hpp"
#include "pages.hpp"

#include <string>
#include <utility>
#include <vector>

namespace {

using measure::Sample;
using measure::Sampler;
using measure::Way;
using memory_pages::PagedVec;

/// Move-only, like a file handle: a moved-from object is empty.
class Handle {
public:
    explicit Handle(int number) noexcept : number_(number) {}
    Handle(Handle&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Handle& operator=(Handle&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Handle() {
        if (number_ >= 0) {
            closed += 1;
        }
    }

    static inline std::size_t closed = 0;

private:
    int number_;
};

template <class Vector>
Sampler grown(std::size_t count) {
    return [=] {
        return Sample{.nanoseconds = measure::time_of([&] {
                          Vector vector;
                          for (std::size_t i = 0; i < count; ++i) {
                              if constexpr (std::is_same_v<typename Vector::value_type, Handle>) {
                                  vector.push_back(Handle(static_cast<int>(i)));
                              } else {
                                  vector.emplace_back("a short string");
                              }
                          }
                          measure::keep(vector.data());
                      })};
    };
}

template <class T>
void add(const std::string& work) {
    constexpr std::size_t warmth = 4 * sizeof(T);
    Way(work, "std::vector", warmth, grown<std::vector<T>>);
    Way(work, "PagedVec", warmth, grown<PagedVec<T>>);
}

const bool added = [] {
    add<Handle>("push_back of move-only handles");
    add<std::string>("emplace_back of short std::string");
    return true;
}();

}  // namespace
