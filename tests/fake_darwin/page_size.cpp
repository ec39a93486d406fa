// SPDX-License-Identifier: MIT
// Linked before tests/support, so that tests on the fake machine use its page size.
#include "fake_darwin.hpp"
#include "support/probe.hpp"

std::size_t probe::page_size() { return fake_darwin::page_size(); }
