// SPDX-License-Identifier: MIT
/// \file
/// Boost.Interprocess' anonymous regions, and Boost.Container's vector.

#include "measure.hpp"
#include "push_back.hpp"

#include <boost/container/vector.hpp>
#include <boost/interprocess/anonymous_shared_memory.hpp>

namespace {

const measure::Way region("create and drop", "boost::interprocess", 0, [](std::size_t bytes) {
    return measure::repeated(100, [=] {
        const auto made = boost::interprocess::anonymous_shared_memory(bytes);
        measure::keep(made.get_address());
    });
});

using Vector = boost::container::vector<push_back::Element>;

const measure::Way vector("push_back", "boost::container::vector", push_back::warmth,
                          [](std::size_t count) {
                              return push_back::grown(count, [] { return Vector(); });
                          });

}  // namespace
