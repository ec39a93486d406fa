// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Includes every public header except the opt-in headers (`exec.hpp`, `unsafe_write_exec.hpp`,
/// `untyped.hpp`) and the rarely used ones (`format.hpp`, `relocation.hpp`).

#include <memory_pages/access.hpp>
#include <memory_pages/advice.hpp>
#include <memory_pages/error.hpp>
#include <memory_pages/feature.hpp>
#include <memory_pages/guarded.hpp>
#include <memory_pages/guarded_pages.hpp>
#include <memory_pages/huge_pages.hpp>
#include <memory_pages/memory_limits.hpp>
#include <memory_pages/options.hpp>
#include <memory_pages/page_pool.hpp>
#include <memory_pages/page_size.hpp>
#include <memory_pages/paged_vec.hpp>
#include <memory_pages/pages.hpp>
#include <memory_pages/placement.hpp>
#include <memory_pages/populate.hpp>
#include <memory_pages/query.hpp>
#include <memory_pages/ranges.hpp>
#include <memory_pages/region.hpp>
#include <memory_pages/reservation.hpp>
#include <memory_pages/writing_code.hpp>
