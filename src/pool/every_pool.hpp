// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// All pools of the process, whose locks a fork must hold.

#include "pool/state.hpp"

namespace memory_pages::detail {

/// A child of `fork` has one thread, and what others were doing stands still half done: so nobody
/// may hold a pool's lock while the process is copied.
struct EveryPool {
    static void add(PoolState* pool) noexcept;
    static void remove(PoolState* pool) noexcept;

    static void lock_all() noexcept;
    static void unlock_all() noexcept;
};

}  // namespace memory_pages::detail
