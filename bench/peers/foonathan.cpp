// SPDX-License-Identifier: MIT
/// \file
/// foonathan/memory's virtual memory.

#include "measure.hpp"

#include <foonathan/memory/virtual_memory.hpp>

namespace {

const measure::Way way("create and drop", "foonathan::virtual_memory_allocator", 0,
                       [](std::size_t bytes) {
                           return measure::repeated(100, [=] {
                               foonathan::memory::virtual_memory_allocator allocator;
                               void* const memory = allocator.allocate_node(bytes, 4096);
                               measure::keep(memory);
                               allocator.deallocate_node(memory, bytes, 4096);
                           });
                       });

}  // namespace
