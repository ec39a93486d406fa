# SPDX-License-Identifier: MIT
# The list of public headers. A header may include the headers before it in its own list, and all headers
# of the lists before. CMakeLists.txt installs them, check_layers.cmake checks these rules and
# memory_pages.hpp, and check_documents.cmake checks README.md and docs/architecture.md.
set(value_headers access advice feature huge_pages placement options error page_size memory_limits ranges
    region relocation writing_code)
# Owners and types.
set(type_headers pages reservation guarded_pages guarded page_pool paged_vec populate query untyped
    format)
set(opt_in_headers exec unsafe_write_exec)
# memory_pages.hpp does not include these: <format> is large, few types specialise relocation, and
# untyped is a gate of its own.
set(headers_by_name_only format relocation untyped)
