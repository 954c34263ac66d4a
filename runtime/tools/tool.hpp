// A tool as the API describes it and as a model is offered it.

#pragma once

#include "config/raw_json.hpp"
#include "runtime/llm/provider.hpp"
#include "storage/records/tool.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace reverie {

struct Tool {
  std::string id;  // "tool-<uuid>"
  std::string name;
  std::string tool_type;                    // letta_core, letta_memory_core, ...
  std::string description;                  // for the model
  RawJson parameters;                       // JSON Schema of type object
  std::int64_t return_char_limit = 50'000;  // characters of a result: the API's default
  bool enable_parallel_execution = false;
  std::shared_ptr<const CustomTool> custom = nullptr;  // null: it is built in, or a client's
};

// It is a request over HTTP (runtime/web/http_template.hpp) and no code.
inline bool is_http_request(const Tool& tool) {
  return tool.custom && tool.custom->tool_type == "custom" && tool.custom->source_type == "http";
}

// Tools are shared between the agents that have them, and never change.
using ToolPointer = std::shared_ptr<const Tool>;

// Of a tool that outlives the pointer; costs nothing.
inline ToolPointer unowned(const Tool& tool) {
  return ToolPointer{ToolPointer{}, &tool};
}

// What a stored tool is to a model. One whose schema cannot be read has no parameters.
ToolPointer make_tool(CustomTool stored);

// The id of a built-in tool: the same on every server, made from its name.
std::string builtin_tool_id(std::string_view name);

// Appends the API's Tool. `user_id` is shown as its creator.
void append_tool_json(std::string& out, const Tool& tool, std::string_view user_id);

ToolSpec tool_spec(const Tool& tool);

}  // namespace reverie
