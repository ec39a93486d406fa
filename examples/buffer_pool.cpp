// SPDX-License-Identifier: MIT
#include "buffer_pool.hpp"

#include <cstdint>
#include <cstdio>
#include <span>

struct File {
    std::FILE* file = std::tmpfile();

    void seek(std::size_t id) const {
        std::fseek(file, static_cast<long>(id * (std::size_t{64} << 10)), SEEK_SET);
    }
    void read(std::size_t id, std::span<std::uint8_t> bytes) const {
        seek(id);
        (void)std::fread(bytes.data(), 1, bytes.size(), file);  // Behind the end it reads zero.
    }
    void write(std::size_t id, std::span<const std::uint8_t> bytes) const {
        seek(id);
        (void)std::fwrite(bytes.data(), 1, bytes.size(), file);
    }
};

/// Counts in the pages of a file that is four times as large as the memory budget.
int main() {
    constexpr std::size_t budget = std::size_t{8} << 20;
    constexpr std::size_t pages = 4 * budget / BufferPool<File>::page_bytes;
    constexpr std::size_t steps = 5000;
    File file;
    BufferPool pool(file, budget);
    for (std::size_t step = 0; step < steps; ++step) {
        pool.write((step * step + 7 * step) % pages)[0] += 1;
    }
    unsigned sum = 0;
    for (std::size_t id = 0; id < pages; ++id) {
        sum += pool.read(id)[0];
    }
    std::printf("%zu pages, %zu misses, %zu pages in memory\n", pages, pool.misses(),
                pool.pages_in_memory());
    return sum % 256 == steps % 256 && pool.pages_in_memory() <= pages / 4 ? 0 : 1;
}
