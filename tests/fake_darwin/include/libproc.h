// SPDX-License-Identifier: MIT
#pragma once

#include <fake_darwin/darwin.hpp>

using darwin::proc_regionfilename;
