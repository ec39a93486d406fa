// SPDX-License-Identifier: MIT
#include <memory_pages/advice.hpp>

#include "os/advice.hpp"

namespace memory_pages {

bool is_supported(Advice advice) noexcept { return os::is_supported(advice); }

}  // namespace memory_pages
