# embed_assets(<target> DIRECTORY <directory> FILES <names>...)
#
# Makes files part of a target, gzip-compressed, behind net/assets.hpp. The assembler takes the
# bytes in (.incbin): a megabyte as a C++ array takes a compiler seconds. A file that is not
# there when CMake runs is left out, and pages that need it say how to get it.
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
    string(APPEND declarations
      "asm(R\"(.section .rodata\n.globl reverie_asset_${index}\nreverie_asset_${index}:\n"
      ".incbin \"${gz}\"\n.globl reverie_asset_end_${index}\nreverie_asset_end_${index}:\n"
      ".previous)\");\n"
      "extern \"C\" const char reverie_asset_${index}[];\n"
      "extern \"C\" const char reverie_asset_end_${index}[];\n")
    string(APPEND entries
      "    {\"${name}\", {reverie_asset_${index}, reverie_asset_end_${index}}},\n")
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
