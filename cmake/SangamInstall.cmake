# What an installed copy consists of: the layers (installed by sangam_layer), the umbrella target sangam::sangam, the files for
# find_package and the one for pkg-config. tests/package builds an outside project with each of the two.
include(CMakePackageConfigHelpers)

add_library(sangam INTERFACE)
add_library(sangam::sangam ALIAS sangam)
target_link_libraries(sangam INTERFACE sangam::engine)
install(TARGETS sangam EXPORT sangam-targets)

set(SANGAM_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/sangam)
install(EXPORT sangam-targets NAMESPACE sangam:: DESTINATION ${SANGAM_CMAKE_DIR})

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/sangam-config.cmake.in
                              ${PROJECT_BINARY_DIR}/sangam-config.cmake
                              INSTALL_DESTINATION ${SANGAM_CMAKE_DIR} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a new minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/sangam-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/sangam-config.cmake ${PROJECT_BINARY_DIR}/sangam-config-version.cmake
        DESTINATION ${SANGAM_CMAKE_DIR})

set(SANGAM_PC_DIR ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH SANGAM_PC_TO_PREFIX /prefix/${SANGAM_PC_DIR} /prefix)
configure_file(${CMAKE_CURRENT_LIST_DIR}/sangam.pc.in ${PROJECT_BINARY_DIR}/sangam.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/sangam.pc DESTINATION ${SANGAM_PC_DIR})
