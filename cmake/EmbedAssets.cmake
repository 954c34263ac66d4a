# embed_assets(<target> DIRECTORY <directory> FILES <names>...)
#
# Makes files part of a target, gzip-compressed, behind net/assets.hpp, through the assembler: a
# megabyte as a C++ array takes a compiler seconds. A file that is not there when CMake runs is left
# out, and pages that need it say how to get it.
function(embed_assets target)
  cmake_parse_arguments(arg "" "DIRECTORY" "FILES" ${ARGN})
  find_program(REVERIE_GZIP gzip REQUIRED)
  set(directory "${CMAKE_CURRENT_BINARY_DIR}/assets")
  file(MAKE_DIRECTORY "${directory}")

  set(declarations "")
  set(entries "")
  set(packed "")
  set(index 0)
  foreach(name IN LISTS arg_FILES)
    # Looked for again when the directory changes.
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${arg_DIRECTORY}")
    set(source "${arg_DIRECTORY}/${name}")
    if(NOT EXISTS "${source}")
      continue()
    endif()
    set(gz "${directory}/${name}.gz")
    add_custom_command(OUTPUT "${gz}"
      COMMAND "${REVERIE_GZIP}" -9 -n -c "${source}" > "${gz}"
      DEPENDS "${source}" VERBATIM)
    list(APPEND packed "${gz}")
    reverie_incbin(declaration reverie_asset_${index} "${gz}")
    string(APPEND declarations "${declaration}")
    string(APPEND entries
      "    {\"${name}\", {reverie_asset_${index}, reverie_asset_${index}_end}},\n")
    math(EXPR index "${index} + 1")
  endforeach()

  set(generated "${directory}/embedded_assets.cpp")
  set(table "  return {};\n")
  if(index GREATER 0)
    set(table "  static const Asset all[] = {\n${entries}  };\n  return all;\n")
  endif()
  file(CONFIGURE OUTPUT "${generated}" @ONLY CONTENT
"#include \"net/assets.hpp\"

@declarations@
namespace reverie {

std::span<const Asset> embedded_assets() {
@table@}

}  // namespace reverie
")
  set_source_files_properties("${generated}" PROPERTIES OBJECT_DEPENDS "${packed}"
                              SKIP_UNITY_BUILD_INCLUSION ON)
  target_sources(${target} PRIVATE "${generated}")
endfunction()

# embed_worker_scripts(<target> DIRECTORY <directory> FILES <names>...)
#
# Makes files part of a target, as they are, behind runtime/sandbox/worker_scripts.hpp.
function(embed_worker_scripts target)
  cmake_parse_arguments(arg "" "DIRECTORY" "FILES" ${ARGN})
  set(declarations "")
  set(entries "")
  set(sources "")
  set(index 0)
  foreach(name IN LISTS arg_FILES)
    set(symbol reverie_worker_script_${index})
    reverie_incbin(declaration ${symbol} "${arg_DIRECTORY}/${name}")
    string(APPEND declarations "${declaration}")
    string(APPEND entries "    {\"${name}\", {${symbol}, ${symbol}_end}},\n")
    list(APPEND sources "${arg_DIRECTORY}/${name}")
    math(EXPR index "${index} + 1")
  endforeach()

  set(generated "${CMAKE_CURRENT_BINARY_DIR}/worker_scripts.cpp")
  file(CONFIGURE OUTPUT "${generated}" @ONLY CONTENT
"#include \"runtime/sandbox/worker_scripts.hpp\"

@declarations@
namespace reverie {

std::span<const WorkerScript> worker_scripts() {
  static const WorkerScript all[] = {
@entries@  };
  return all;
}

}  // namespace reverie
")
  set_source_files_properties("${generated}" PROPERTIES OBJECT_DEPENDS "${sources}"
                              SKIP_UNITY_BUILD_INCLUSION ON)
  target_sources(${target} PRIVATE "${generated}")
endfunction()

# The assembler takes the bytes of a file in, between the symbols <symbol> and <symbol>_end.
function(reverie_incbin result symbol file)
  string(CONCAT text
    "asm(R\"(.section .rodata\n.globl ${symbol}\n${symbol}:\n"
    ".incbin \"${file}\"\n.globl ${symbol}_end\n${symbol}_end:\n"
    ".previous)\");\n"
    "extern \"C\" const char ${symbol}[];\n"
    "extern \"C\" const char ${symbol}_end[];\n")
  set(${result} "${text}" PARENT_SCOPE)
endfunction()
