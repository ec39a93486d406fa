// SPDX-License-Identifier: MIT
#pragma once

/// Small objects of the core, on the C library's heap: the core links without the C++ run-time
/// library, so it has no operator new.

#include <cstddef>
#include <new>
#include <utility>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// Bytes aligned for any object; null if there is no memory.
[[nodiscard]] void* allocate(std::size_t bytes) noexcept;

/// Frees them; null is allowed.
void deallocate(void* memory) noexcept;

/// A new object; null if there is no memory.
template <class T, class... Arguments>
[[nodiscard]] T* create(Arguments&&... arguments) noexcept {
    void* const memory = allocate(sizeof(T));
    return memory == nullptr ? nullptr : ::new (memory) T{std::forward<Arguments>(arguments)...};
}

/// Destroys an object of `create`; null is allowed.
template <class T>
void destroy(T* object) noexcept {
    if (object != nullptr) {
        object->~T();
        deallocate(object);
    }
}

}  // namespace memory_pages::os

#pragma GCC visibility pop
