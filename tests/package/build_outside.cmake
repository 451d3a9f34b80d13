# Installs BUILD into WORK/stage, puts an outside project beside it, whose main.cpp is examples/getting_started.cpp itself, and builds and
# runs it in the WAY that is asked for.
cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK}/outside)
set(stage ${WORK}/stage)

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${stage})
file(COPY_FILE ${SOURCE}/examples/getting_started.cpp ${WORK}/outside/main.cpp)
file(COPY_FILE ${SOURCE}/tests/package/outside.cmake ${WORK}/outside/CMakeLists.txt)
set(configure ${CMAKE_COMMAND} -S ${WORK}/outside -B ${WORK}/build -G ${GENERATOR}
              -D CMAKE_CXX_COMPILER=${CXX} -D CMAKE_PREFIX_PATH=${stage} -D CMAKE_BUILD_TYPE=Debug)

if(WAY STREQUAL "find_package")
  run(${configure})
  run(${CMAKE_COMMAND} --build ${WORK}/build)
  run(${WORK}/build/outside)
  run(${WORK}/build/outside_types)
elseif(WAY STREQUAL "unknown_component")
  execute_process(COMMAND ${configure} -D OUTSIDE_COMPONENTS=crdt\;teleport
                  RESULT_VARIABLE status ERROR_VARIABLE said OUTPUT_QUIET)
  string(REGEX REPLACE "[ \n]+" " " said "${said}")
  if(status EQUAL 0 OR NOT said MATCHES "no component \"teleport\".*causality, crdt, delivery")
    message(FATAL_ERROR "an unknown component must be refused by its name; the answer was: ${said}")
  endif()
elseif(WAY STREQUAL "pkg_config")
  file(GLOB_RECURSE pc ${stage}/sangam.pc)
  cmake_path(GET pc PARENT_PATH folder)
  set(ENV{PKG_CONFIG_PATH} ${folder})
  execute_process(COMMAND pkg-config --cflags --libs sangam
                  OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  run(${CXX} -std=c++20 ${WORK}/outside/main.cpp ${flags} -o ${WORK}/outside/main)
  run(${WORK}/outside/main)
endif()
