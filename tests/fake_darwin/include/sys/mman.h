// SPDX-License-Identifier: MIT
#pragma once

#include <fake_darwin/darwin.hpp>

#include <cstdint>

inline constexpr int PROT_NONE = darwin::prot_none;
inline constexpr int PROT_READ = darwin::prot_read;
inline constexpr int PROT_WRITE = darwin::prot_write;
inline constexpr int PROT_EXEC = darwin::prot_exec;

inline constexpr int MAP_PRIVATE = darwin::map_private;
inline constexpr int MAP_FIXED = darwin::map_fixed;
inline constexpr int MAP_JIT = darwin::map_jit;
inline constexpr int MAP_ANON = darwin::map_anon;
inline void* const MAP_FAILED = reinterpret_cast<void*>(~std::uintptr_t{0});

inline constexpr int MADV_NORMAL = darwin::madv_normal;
inline constexpr int MADV_RANDOM = darwin::madv_random;
inline constexpr int MADV_SEQUENTIAL = darwin::madv_sequential;
inline constexpr int MADV_WILLNEED = darwin::madv_willneed;
inline constexpr int MADV_DONTNEED = darwin::madv_dontneed;
inline constexpr int MADV_FREE = darwin::madv_free;
inline constexpr int MADV_FREE_REUSABLE = darwin::madv_free_reusable;
inline constexpr int MADV_FREE_REUSE = darwin::madv_free_reuse;

inline constexpr char MINCORE_INCORE = darwin::mincore_incore;

using darwin::madvise;
using darwin::mincore;
using darwin::mmap;
using darwin::mprotect;
using darwin::munmap;
