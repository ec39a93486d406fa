// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// A buffer pool as in databases. Each page of the file has its own address in one reservation of a
/// tebibyte, so that a multiplication turns a page number into a pointer; only pages that were used
/// recently have memory.

#include <memory_pages/reservation.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <unordered_map>
#include <utility>
#include <variant>

/// `Storage` has `read(id, bytes)` and `write(id, bytes)` for one page.
template <class Storage>
class BufferPool {
public:
    using PageId = std::size_t;
    static constexpr std::size_t page_bytes = std::size_t{64} << 10;
    static constexpr std::size_t room = std::size_t{1} << 40;

    /// Keeps at most `budget` bytes of the file in memory, but at least one page.
    BufferPool(Storage& storage, std::size_t budget)
        : storage_(storage), most_(std::max<std::size_t>(budget / page_bytes, 1)) {}
    BufferPool(const BufferPool&) = delete;
    BufferPool& operator=(const BufferPool&) = delete;
    ~BufferPool() { flush(); }

    /// The bytes of a page, valid until the next call.
    [[nodiscard]] std::span<const std::uint8_t> read(PageId id) {
        Frame& frame = fetch(id);
        if (const Clean* const clean = std::get_if<Clean>(&frame.pages)) {
            return clean->bytes();
        }
        return std::as_const(std::get<Dirty>(frame.pages)).bytes();
    }

    /// The same for writing: the page is stored before its memory is given back.
    [[nodiscard]] std::span<std::uint8_t> write(PageId id) {
        Frame& frame = fetch(id);
        if (Clean* const clean = std::get_if<Clean>(&frame.pages)) {
            frame.pages = std::move(*clean).allow_write();
        }
        return std::get<Dirty>(frame.pages).bytes();
    }

    /// Stores all changed pages.
    void flush() {
        for (auto& [id, frame] : frames_) {
            write_back(id, frame);
        }
    }

    [[nodiscard]] std::size_t pages_in_memory() const { return frames_.size(); }
    [[nodiscard]] std::size_t misses() const { return misses_; }
    [[nodiscard]] const std::uint8_t* address() const { return reservation_.address(); }

private:
    // The type says whether a page was changed since it was read, and the processor enforces it.
    using Clean = memory_pages::PageRange<memory_pages::AllowRead, memory_pages::DenyWrite,
                                          memory_pages::DenyExec>;
    using Dirty = memory_pages::PageRange<memory_pages::AllowRead, memory_pages::AllowWrite,
                                          memory_pages::DenyExec>;
    struct Frame {
        std::variant<Clean, Dirty> pages;
        bool was_used = true;
    };

    Frame& fetch(PageId id) {
        if (const auto found = frames_.find(id); found != frames_.end()) {
            found->second.was_used = true;
            return found->second;
        }
        ++misses_;
        while (frames_.size() >= most_) {
            evict_one();
        }
        Dirty pages = reservation_.commit<memory_pages::AllowRead, memory_pages::AllowWrite>(
            id * page_bytes, page_bytes);
        storage_.read(id, pages.bytes());
        clock_.push_back(id);  // Before the frame, so that no frame is ever without an entry.
        return frames_.emplace(id, Frame{std::move(pages).deny_write()}).first->second;
    }

    /// The clock algorithm: a page that was used since the hand passed gets another turn.
    void evict_one() {
        const PageId id = clock_.front();
        // No frame exists if making it was refused.
        if (const auto found = frames_.find(id); found != frames_.end()) {
            if (std::exchange(found->second.was_used, false)) {
                clock_.push_back(id);
            } else {
                write_back(id, found->second);
                frames_.erase(found);  // The range ends: its memory is given back.
            }
        }
        clock_.pop_front();
    }

    void write_back(PageId id, Frame& frame) {
        if (Dirty* const dirty = std::get_if<Dirty>(&frame.pages)) {
            storage_.write(id, std::as_const(*dirty).bytes());
            frame.pages = std::move(*dirty).deny_write();
        }
    }

    Storage& storage_;
    std::size_t most_;
    std::size_t misses_ = 0;
    memory_pages::Reservation reservation_{room};
    std::unordered_map<PageId, Frame> frames_;
    std::deque<PageId> clock_;
};
