// SPDX-License-Identifier: MIT
#pragma once

#include <fake_darwin/darwin.hpp>

using darwin::thread_get_register_pointer_values;
