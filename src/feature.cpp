// SPDX-License-Identifier: MIT
#include <memory_pages/feature.hpp>

#include "os/code.hpp"
#include "os/guard.hpp"
#include "os/huge.hpp"
#include "os/limits.hpp"
#include "os/memory.hpp"
#include "os/reserve.hpp"

namespace memory_pages {

bool is_supported(Feature feature) noexcept {
    switch (feature) {
        case Feature::commit_charge:
            return os::has_commit_limit();
        case Feature::uncharged_pages:
            return os::can_map_uncharged();
        case Feature::moving_pages:
            return os::can_move();
        case Feature::write_exec:
            return os::may_map(Access::read_write_exec);
        case Feature::becoming_write_exec:
            return os::may_become(Access::read_write, Access::read_write_exec);
        case Feature::becoming_exec:
            return os::may_become(Access::read_write, Access::read_exec);
        case Feature::publishing:
            return os::can_publish();
        case Feature::collapsing:
            return os::can_collapse();
        case Feature::many_guards:
            return os::can_make_many_guards();
    }
    return false;
}

}  // namespace memory_pages
