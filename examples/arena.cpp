// SPDX-License-Identifier: MIT
#include "arena.hpp"

#include <cstdio>

struct Node {
    Node* next;
    int value;
};

/// Makes a list of a million nodes side by side, and frees it at once.
int main() {
    Arena arena;
    const Node* const first = arena.make<Node>(nullptr, 0);
    for (int round = 0; round < 2; ++round) {
        Node* list = nullptr;
        for (int i = 1; i <= 1'000'000; ++i) {
            list = arena.make<Node>(list, i);
        }
        long long sum = 0;
        for (const Node* node = list; node != nullptr; node = node->next) {
            sum += node->value;
        }
        std::printf("%zu bytes used, %zu committed, the sum is %lld, the first is at %p\n",
                    arena.used(), arena.committed(), sum, static_cast<const void*>(first));
        if (sum != 500'000'500'000 || arena.committed() < arena.used()) {
            return 1;
        }
        arena.reset();
    }
    return arena.committed() == std::size_t{64} << 10 ? 0 : 1;
}
