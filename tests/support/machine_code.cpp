// SPDX-License-Identifier: MIT
#include "support/machine_code.hpp"

namespace machine_code {

Code from_words(std::initializer_list<std::uint32_t> words) {
    Code code;
    for (const std::uint32_t word : words) {
        for (unsigned shift = 0; shift < 32; shift += 8) {
            code.push_back(static_cast<std::uint8_t>(word >> shift));
        }
    }
    return code;
}

}  // namespace machine_code
