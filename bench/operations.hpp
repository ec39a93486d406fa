// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What is measured more than one way: timed by `pages_bench`, its system calls and instructions
/// counted through `count`.

/// 50 MB (50,000,000 bytes), untouched.
void create_drop_by_hand();
void create_drop_by_pages();
void create_drop_by_uncharged_pages();
void create_drop_by_malloc();

/// 50 MB, every byte written.
void fill_by_hand();
void fill_by_pages();
void fill_by_malloc();

/// 1 MB, untouched.
void create_drop_small_by_pages();
void create_drop_small_by_malloc();
