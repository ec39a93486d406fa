// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Resident memory of both sides over time, as SVG with colours from the page's CSS.

#include "sides.hpp"

#include <string>

namespace tour {

[[nodiscard]] std::string draw_chart(const Side& paged_vec, const Side& std_vector);

}  // namespace tour
