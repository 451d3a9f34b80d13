# sangam_layer(NAME SOURCES a.cpp... HEADERS b.hpp... DEPENDS lower_layer...): one library per layer, each with its own
# include root, so that the compiler refuses an include of a layer that was not declared.
# sangam_private(TARGET): warnings, sanitizers and other settings of this build that users of the library must not inherit.

add_library(sangam_build_options INTERFACE)
target_compile_features(sangam_build_options INTERFACE cxx_std_20)
if(SANGAM_DEVELOPER_WARNINGS)
  target_compile_options(sangam_build_options INTERFACE
    -Wall -Wextra -Wpedantic $<IF:$<CXX_COMPILER_ID:GNU>,-Wshadow=local,-Wshadow> -Wconversion -Wsign-conversion
    -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wunused -Wnull-dereference -Wdouble-promotion -Wimplicit-fallthrough
    -Wextra-semi -Wno-missing-field-initializers -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # g++ 12 sees overreads and overflows in small_vector and string that are not there.
  target_compile_options(sangam_build_options INTERFACE -Wno-stringop-overread -Wno-stringop-overflow)
endif()
if(SANGAM_SANITIZE)
  target_compile_options(sangam_build_options INTERFACE
    -fsanitize=${SANGAM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(sangam_build_options INTERFACE -fsanitize=${SANGAM_SANITIZE})
endif()
if(SANGAM_LIBFUZZER)
  target_compile_options(sangam_build_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

function(sangam_private target)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:sangam_build_options>)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
endfunction()

function(sangam_layer name)
  cmake_parse_arguments(LAYER "" "" "SOURCES;HEADERS;DEPENDS" ${ARGN})
  set(target sangam_${name})
  if(LAYER_SOURCES)
    add_library(${target} STATIC ${LAYER_SOURCES})
    set(scope PUBLIC)
    sangam_private(${target})
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(sangam::${name} ALIAS ${target})
  target_compile_features(${target} ${scope} cxx_std_20)
  target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS include FILES ${LAYER_HEADERS})
  target_link_libraries(${target} ${scope} Boost::headers)
  foreach(lower IN LISTS LAYER_DEPENDS)
    target_link_libraries(${target} ${scope} sangam::${lower})
  endforeach()
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} VERIFY_INTERFACE_HEADER_SETS ON)
  install(TARGETS ${target} EXPORT sangam-targets FILE_SET HEADERS)
endfunction()
