# What `cmake --install` puts where. Nothing that is installed knows the build folder or the prefix, so that the tree can be moved.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Debian keeps libMLIR outside the loader's folders.
set_target_properties(moe moec PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)

install(TARGETS moec RUNTIME)
install(TARGETS moe moe_cxx EXPORT moe)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/moe ${CMAKE_SOURCE_DIR}/include/moe-c TYPE INCLUDE)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/lib/Std/ DESTINATION ${CMAKE_INSTALL_DATADIR}/moe/std FILES_MATCHING PATTERN *.moe)
install(FILES ${CMAKE_SOURCE_DIR}/lib/CAPI/python/moe.py DESTINATION ${CMAKE_INSTALL_DATADIR}/moe/python)

set(MOE_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/moe)
install(EXPORT moe NAMESPACE moe:: FILE moeTargets.cmake DESTINATION ${MOE_PACKAGE_DIR})
configure_package_config_file(${CMAKE_SOURCE_DIR}/lib/CAPI/package/moeConfig.cmake.in ${CMAKE_BINARY_DIR}/moeConfig.cmake
  INSTALL_DESTINATION ${MOE_PACKAGE_DIR} PATH_VARS CMAKE_INSTALL_DATADIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/moeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/moeConfig.cmake ${CMAKE_BINARY_DIR}/moeConfigVersion.cmake DESTINATION ${MOE_PACKAGE_DIR})

# pkg-config finds the prefix from where the file lies.
file(RELATIVE_PATH MOE_PC_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" MOE_PC_PREFIX ${MOE_PC_PREFIX})
configure_file(${CMAKE_SOURCE_DIR}/lib/CAPI/package/moe.pc.in ${CMAKE_BINARY_DIR}/moe.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/moe.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
