cmake_minimum_required(VERSION 3.25)
project(outside LANGUAGES CXX)

set(OUTSIDE_COMPONENTS "" CACHE STRING "What to ask find_package for first")
find_package(sangam 0.1 REQUIRED COMPONENTS crdt ${OUTSIDE_COMPONENTS})
if(TARGET CapnProto::capnp)
  message(FATAL_ERROR "the data types alone need no Cap'n Proto")
endif()
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/types.cpp "
#include <sangam/crdt/or_set.hpp>
int main() { return sangam::crdt::or_set().empty() ? 0 : 1; }
")
add_executable(outside_types ${CMAKE_CURRENT_BINARY_DIR}/types.cpp)
target_link_libraries(outside_types PRIVATE sangam::crdt)

find_package(sangam 0.1 REQUIRED)
add_executable(outside main.cpp)
target_link_libraries(outside PRIVATE sangam::sangam)
