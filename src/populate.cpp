// SPDX-License-Identifier: MIT
#include <memory_pages/page_size.hpp>
#include <memory_pages/populate.hpp>

#include "os/process.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <span>
#include <system_error>
#include <thread>

namespace memory_pages::detail {
namespace {

constexpr std::size_t most_threads = 64;

/// Pieces start at multiples of this, so that no two threads touch the same huge page.
std::size_t piece_size() noexcept {
    constexpr std::size_t small_enough_to_stop_soon = std::size_t{16} << 20;
    return std::max(small_enough_to_stop_soon, huge_page_size());
}

/// The state that the threads share: a range of which each takes the next piece.
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

    /// The number of pieces.
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

    /// Call it after all threads have finished.
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

/// Threads besides the calling one. The destructor waits for them.
class Helpers {
public:
    Helpers(Work& work, std::size_t wanted) noexcept : work_(work), wanted_(wanted) {
        if (wanted != 0) {
            os::without_signals([](void* self) noexcept { static_cast<Helpers*>(self)->start(); },
                                this);
        }
    }
    Helpers(const Helpers&) = delete;
    Helpers& operator=(const Helpers&) = delete;
    ~Helpers() {
        for (std::thread& thread : std::span(threads_).first(started_)) {
            thread.join();
        }
    }

private:
    /// Starts as many threads as the system allows.
    void start() noexcept {
        while (started_ != wanted_ && start_one(threads_[started_])) {
            ++started_;
        }
    }

    bool start_one(std::thread& thread) noexcept {
#if defined(__cpp_exceptions)
        try {
            thread = std::thread(&Work::run, &work_);
        } catch (...) {
            return false;
        }
#else
        thread = std::thread(&Work::run, &work_);
#endif
        return true;
    }

    Work& work_;
    const std::size_t wanted_;
    std::size_t started_ = 0;
    std::array<std::thread, most_threads> threads_;
};

}  // namespace

Result<void> populate_by_pieces(PopulatePiece piece, const void* pages, std::size_t size,
                                std::size_t offset, std::size_t bytes,
                                const PopulateOptions& options) noexcept {
    // An empty range: fails if the pages or the offset are invalid.
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
    const os::CancelLater later;
    {
        const Helpers helpers(work, others);
        work.run();
    }
    return work.result();
}

}  // namespace memory_pages::detail
