#pragma once

#include "storage/records/tool.hpp"
#include "storage/table.hpp"

namespace reverie {

// tools: the global home | tool_id -> CustomTool
struct ToolTable {
  static constexpr std::string_view family = "tools";

  struct Key {
    std::string tool_id;
    auto parts() { return std::tie(tool_id); }
    auto parts() const { return std::tie(tool_id); }
    Result<Home> home() const { return home_of(tool_id); }
  };
  using Value = CustomTool;
};

// tool_names: the global home | org_id | name -> ToolName. One row for each tool, written with it.
struct ToolNameTable {
  static constexpr std::string_view family = "tool_names";

  struct Key {
    std::string org_id;
    std::string name;
    auto parts() { return std::tie(org_id, name); }
    auto parts() const { return std::tie(org_id, name); }
    Result<Home> home() const { return Home::global; }
  };
  using Value = ToolName;
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const CustomTool&);
extern template Result<CustomTool> decode(std::string_view);
extern template std::string encode(const ToolName&);
extern template Result<ToolName> decode(std::string_view);

}  // namespace reverie
