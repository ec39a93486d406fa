// SPDX-License-Identifier: MIT
// Lend bytes for the time of one call: they cannot be unmapped meanwhile.
#include <memory_pages/memory_pages.hpp>

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> samples(0x40000);

    // In a hardened build, resizing, freezing or unmapping `samples` in here stops the program.
    samples.write<float>([](std::span<float> all) { std::ranges::fill(all, 0.5F); });

    const auto frozen = std::move(samples).deny_write();
    const float sum = frozen.read<float>(
        [](std::span<const float> all) { return std::accumulate(all.begin(), all.end(), 0.0F); });
    return sum == 0x8000 ? 0 : 1;
}
