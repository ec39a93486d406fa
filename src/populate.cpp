// SPDX-License-Identifier: MIT
#include <memory_pages/page_size.hpp>
#include <memory_pages/populate.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <system_error>
#include <thread>

namespace memory_pages::detail {
namespace {

constexpr std::size_t most_threads = 64;

/// Pieces start at multiples of this, so that no two threads want the same huge page.
std::size_t piece_size() noexcept {
    constexpr std::size_t small_enough_to_stop_soon = std::size_t{16} << 20;
    return std::max(small_enough_to_stop_soon, huge_page_size());
}

/// What the threads share: a range, of which each takes the next piece.
class Work {
public:
    Work(PopulatePiece piece, const void* pages, std::size_t offset, std::size_t bytes,
         const PopulateOptions& options) noexcept
        : piece_(piece),
          pages_(pages),
          offset_(offset),
          end_(offset + bytes),
          options_(options),
          next_(offset / size_) {}

    /// How many there are to be done.
    [[nodiscard]] std::size_t pieces() const noexcept {
        return (end_ - 1) / size_ - offset_ / size_ + 1;
    }

    void run() noexcept {
        while (!is_over_.load(std::memory_order_relaxed)) {
            const std::size_t index = next_.fetch_add(1, std::memory_order_relaxed);
            if (index > (end_ - 1) / size_) {
                return;
            }
            if (options_.stop.stop_requested()) {
                end_with(std::make_error_code(std::errc::operation_canceled));
                return;
            }
            const std::size_t start = index * size_;
            const std::size_t first = std::max(start, offset_);
            const std::size_t bytes = std::min(end_ - start, size_) - (first - start);
            if (const Result<void> done = piece_(pages_, first, bytes); !done) {
                end_with(done.error());
                return;
            }
            report(bytes);
        }
    }

    /// After all threads are through.
    [[nodiscard]] Result<void> result() const noexcept {
        return error_ ? Result<void>(std::unexpected(error_)) : Result<void>();
    }

private:
    void end_with(std::error_code error) noexcept {
        const std::scoped_lock lock(mutex_);
        if (!is_over_.load(std::memory_order_relaxed)) {
            is_over_.store(true, std::memory_order_relaxed);
            error_ = error;
        }
    }

    void report(std::size_t bytes) noexcept {
        if (options_.progress) {
            const std::scoped_lock lock(mutex_);
            done_ += bytes;
            options_.progress(done_, end_ - offset_);
        }
    }

    const std::size_t size_ = piece_size();
    const PopulatePiece piece_;
    const void* const pages_;
    const std::size_t offset_;
    const std::size_t end_;
    const PopulateOptions& options_;
    std::atomic<std::size_t> next_;
    std::atomic<bool> is_over_ = false;
    std::mutex mutex_;
    std::size_t done_ = 0;
    std::error_code error_;
};

/// False where the system has no more threads.
bool start(std::thread& thread, Work& work) noexcept {
#if defined(__cpp_exceptions)
    try {
        thread = std::thread(&Work::run, &work);
    } catch (...) {
        return false;
    }
#else
    thread = std::thread(&Work::run, &work);
#endif
    return true;
}

}  // namespace

Result<void> populate_by_pieces(PopulatePiece piece, const void* pages, std::size_t size,
                                std::size_t offset, std::size_t bytes,
                                const PopulateOptions& options) noexcept {
    // Of nothing: whether there are pages, and so many.
    if (Result<void> usable = piece(pages, offset, 0); !usable) {
        return usable;
    }
    if (bytes == std::dynamic_extent) {
        bytes = size - offset;
    }
    if (bytes > size - offset) {
        return std::unexpected(std::make_error_code(std::errc::invalid_argument));
    }
    if (bytes == 0) {
        return {};
    }
    Work work(piece, pages, offset, bytes, options);
    const std::size_t wanted =
        options.threads != 0 ? options.threads : std::max(std::thread::hardware_concurrency(), 1U);
    const std::size_t others = std::min({wanted, work.pieces(), most_threads}) - 1;
    std::array<std::thread, most_threads> threads;
    std::size_t started = 0;
    while (started != others && start(threads[started], work)) {
        ++started;
    }
    work.run();
    for (std::size_t i = 0; i != started; ++i) {
        threads[i].join();
    }
    return work.result();
}

}  // namespace memory_pages::detail
