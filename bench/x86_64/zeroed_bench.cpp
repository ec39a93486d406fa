// SPDX-License-Identifier: MIT
/// \file
/// How fast existing memory can be cleared with streaming stores.

#include "by_hand.hpp"
#include "measure.hpp"

#include <x86intrin.h>

#include <cstddef>

namespace {

void clear_past_caches(void* base, std::size_t bytes) {
    auto* const at = static_cast<__m128i*>(base);
    for (std::size_t i = 0; i < bytes / sizeof(__m128i); ++i) {
        _mm_stream_si128(at + i, _mm_setzero_si128());
    }
    _mm_sfence();
}

const measure::Way way("zeroed memory", "warm memory: the limit", 1,
                       [](std::size_t bytes) -> measure::Sampler {
                           void* const memory = by_hand::resident(bytes);
                           return [=] {
                               by_hand::fill(memory, bytes);
                               return measure::Sample{.nanoseconds = measure::time_of([&] {
                                                          clear_past_caches(memory, bytes);
                                                          by_hand::touch(memory, bytes);
                                                      })};
                           };
                       });

}  // namespace
