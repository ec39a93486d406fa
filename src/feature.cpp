// SPDX-License-Identifier: MIT
#include <memory_pages/feature.hpp>

#include "os/os.hpp"

namespace memory_pages {

bool is_supported(Feature feature) noexcept { return os::is_supported(feature); }

}  // namespace memory_pages
