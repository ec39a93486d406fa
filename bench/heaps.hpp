// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Allocators side by side in one process: those of others are libraries that are asked for their
/// own functions, and replace nothing here.

#include <cstddef>
#include <vector>

namespace heaps {

/// An allocator's functions.
struct Heap {
    void* (*allocate)(std::size_t bytes);
    void* (*allocate_zeroed)(std::size_t count, std::size_t bytes);
    void (*release)(void* memory);
};

/// One that is installed here. Its library is loaded by `load`, so that one that a process does not
/// use costs it nothing.
struct Known {
    const char* name;
    const char* library;
    const char* prefix;

    [[nodiscard]] Heap load() const;
};

/// All that are; glibc's, which is `malloc` itself, first.
[[nodiscard]] std::vector<Known> known();

/// A heap as the allocator of a container.
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
