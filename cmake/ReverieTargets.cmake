# Halves the CPU time of a clean build or better, since most of it is parsing headers; a change costs
# the file's whole batch. Helpers of anonymous namespaces meet in one file then and need own names.
option(REVERIE_UNITY "Compile each directory as a few large files" OFF)
set(REVERIE_UNITY_BATCH 16 CACHE STRING "How many files one of them is made of")
option(REVERIE_BENCH "Build the benchmarks of bench/" OFF)
option(REVERIE_FUZZ "Build the fuzzers of tests/fuzz/, with clang" OFF)

# reverie_library(<directory> DEPS <targets>... [EXCLUDE <files>...] [PRECOMPILE <headers>...])
#
# One static library per top-level directory, from every .cpp under it. DEPS is
# the layer order: what is not in DEPS is not linked, and the test reverie.layers
# checks the includes. PRECOMPILE is for a directory whose files mostly consist of the same headers:
# as cheap as large files when all is built, and a change costs its own file alone.
function(reverie_library name)
  cmake_parse_arguments(arg "" "" "DEPS;EXCLUDE;PRECOMPILE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${name}/*.cpp")
  foreach(file IN LISTS arg_EXCLUDE)
    list(REMOVE_ITEM sources "${PROJECT_SOURCE_DIR}/${name}/${file}")
  endforeach()
  add_library(reverie_${name} STATIC ${sources})
  target_include_directories(reverie_${name} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_link_libraries(reverie_${name} PUBLIC reverie_options ${arg_DEPS})
  if(arg_PRECOMPILE)
    reverie_precompiled(reverie_${name}_headers DEPS ${arg_DEPS} HEADERS ${arg_PRECOMPILE})
    target_precompile_headers(reverie_${name} REUSE_FROM reverie_${name}_headers)
  elseif(REVERIE_UNITY)
    # These two see names of other files of the batch; the dev preset has them on.
    target_compile_options(reverie_${name} PRIVATE -Wno-subobject-linkage -Wno-shadow)
    reverie_unity_sources(reverie_${name})
  endif()
endfunction()

# Takes the place of CMake's UNITY_BUILD, whose files name their parts by absolute paths, so that the
# compiler cache of one clone is of no use to another. Each file is named for its place in the list.
function(reverie_unity_sources target)
  get_target_property(sources ${target} SOURCES)
  list(LENGTH sources count)
  set(batches "")
  set(first 0)
  while(first LESS count)
    list(SUBLIST sources ${first} ${REVERIE_UNITY_BATCH} parts)
    list(TRANSFORM parts REPLACE "^${PROJECT_SOURCE_DIR}/(.*)$" "#include \"\\1\"\n")
    string(CONCAT content ${parts})
    list(LENGTH batches index)
    set(batch "${CMAKE_CURRENT_BINARY_DIR}/unity/${target}_${index}.cpp")
    file(CONFIGURE OUTPUT "${batch}" CONTENT "${content}" @ONLY)
    list(APPEND batches "${batch}")
    math(EXPR first "${first} + ${REVERIE_UNITY_BATCH}")
  endwhile()
  set_target_properties(${target} PROPERTIES SOURCES "${batches}")
endfunction()

# Precompiled headers in a target of their own, which is compiled past the compiler cache: while one of
# older headers is there, ccache takes that for the headers, and returns what it made of others.
function(reverie_precompiled target)
  cmake_parse_arguments(arg "" "" "DEPS;HEADERS" ${ARGN})
  set(nothing "${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp")
  file(CONFIGURE OUTPUT "${nothing}" CONTENT "")
  add_library(${target} OBJECT "${nothing}")
  set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER "")
  target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PUBLIC reverie_options ${arg_DEPS})
  target_precompile_headers(${target} PRIVATE ${arg_HEADERS})
endfunction()

# When it is instrumented, g++ 12 sees uninitialized members in std::regex and boost::optional.
function(reverie_quiet_sanitized target)
  if(REVERIE_SANITIZE)
    target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
  endif()
endfunction()

# reverie_test(<directory>): one test binary per directory of tests/. Tests are compiled without
# optimisation, which takes 0.6 of the time; what they test is as optimised as its target.
function(reverie_test name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${name}/*_test.cpp")
  if(NOT sources)
    return()
  endif()
  add_executable(${name}_test ${sources})
  target_link_libraries(${name}_test PRIVATE reverie_${name} reverie_test_support GTest::gtest_main)
  target_compile_options(${name}_test PRIVATE -O0)
  reverie_quiet_sanitized(${name}_test)
  gtest_discover_tests(${name}_test TEST_PREFIX "${name}/" DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 180)
endfunction()
