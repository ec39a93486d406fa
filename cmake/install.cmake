# SPDX-License-Identifier: MIT
# `cmake --install` installs the library, its headers, a CMake package and a pkg-config file.
# The library depends only on the system's threads.

install(TARGETS memory_pages EXPORT memory_pages FILE_SET HEADERS)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/memory_pages")
install(EXPORT memory_pages NAMESPACE memory_pages::
    FILE memory_pages-targets.cmake DESTINATION "${package_dir}")
install(FILES cmake/memory_pages-config.cmake DESTINATION "${package_dir}")
# Before 1.0 a new minor version may break its users.
write_basic_package_version_file(memory_pages-config-version.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/memory_pages-config-version.cmake"
    DESTINATION "${package_dir}")

# Paths relative to the file itself, so that an installed tree may be moved.
set(pkgconfig_dir "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig")
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY "${pkgconfig_dir}"
    OUTPUT_VARIABLE prefix_from_pkgconfig)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_LIBDIR BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}"
    OUTPUT_VARIABLE libdir_from_prefix)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_INCLUDEDIR BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}"
    OUTPUT_VARIABLE includedir_from_prefix)
configure_file(cmake/memory_pages.pc.in memory_pages.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/memory_pages.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
