// SPDX-License-Identifier: MIT
#pragma once

#include_next <pthread.h>

#include <fake_darwin/darwin.hpp>

using darwin::pthread_jit_write_protect_np;
using darwin::pthread_jit_write_protect_supported_np;
