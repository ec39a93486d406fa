// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Allocators side by side in one process: other allocators are loaded as libraries, and called by
/// their own function names, so that they replace nothing.

#include <cstddef>
#include <vector>

namespace heaps {

/// The functions of an allocator.
struct Heap {
    void* (*allocate)(std::size_t bytes);
    void* (*allocate_zeroed)(std::size_t count, std::size_t bytes);
    void (*release)(void* memory);
};

/// An installed allocator. `load` loads its library, so that an unused one has no cost.
struct Known {
    const char* name;
    const char* library;
    const char* prefix;

    [[nodiscard]] Heap load() const;
};

/// All installed allocators; glibc's `malloc` first.
[[nodiscard]] std::vector<Known> known();

/// A heap as a container's allocator.
template <class T>
struct Allocator {
    using value_type = T;

    explicit Allocator(const Heap& its_heap) : heap(its_heap) {}
    template <class U>
    Allocator(const Allocator<U>& other) : heap(other.heap) {}

    [[nodiscard]] T* allocate(std::size_t count) {
        return static_cast<T*>(heap.allocate(count * sizeof(T)));
    }
    void deallocate(T* memory, std::size_t /*count*/) { heap.release(memory); }
    friend bool operator==(const Allocator& a, const Allocator& b) {
        return a.heap.allocate == b.heap.allocate;
    }

    Heap heap;
};

}  // namespace heaps
