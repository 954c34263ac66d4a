#include "runtime/tools/native_tool.hpp"

#include "runtime/tools/arguments.hpp"
#include "runtime/tools/builtin_tool.hpp"
#include "runtime/tools/memory_patch.hpp"
#include "runtime/tools/memory_path.hpp"

namespace reverie {

namespace {

// What an agent says is an object where a format was asked of it (with_answer_format).
bool speaks_in_format(std::string_view name, const Json& arguments) {
  return name == "send_message" && arguments.is_object() && arguments.contains("message")
         && arguments["message"].is_object();
}

}  // namespace

ToolOutcome run_native_tool(std::string_view name, const Json& arguments,
                            NativeToolContext& context) {
  const BuiltinTool* found = find_builtin(name);
  if (found == nullptr) return tool_refusal("Tool not found: " + std::string(name));
  if (found->run == nullptr)
    return tool_error(name, "NotImplementedError",
                      std::string(name) + " is not available on this server yet.");
  if (speaks_in_format(name, arguments)) {
    Json as_text = arguments;
    as_text["message"] = arguments["message"].dump();
    return run_native_tool(name, as_text, context);
  }
  if (const Status fits = check_arguments(name, arguments, found->parameters); !fits)
    return tool_error(name, "TypeError", fits.error().message);
  return found->run(arguments, context);
}

std::optional<std::string> edited_label(std::string_view name, const Json& arguments) {
  if (!arguments.is_object()) return {};
  if (name == "rethink_memory") return text_argument(arguments, "target_block_label");
  if (name == "memory_apply_patch") return patched_label(arguments);
  if (name == "memory") return commanded_label(arguments);
  for (const char* editing : {"core_memory_append", "core_memory_replace", "memory_insert",
                              "memory_replace", "memory_rethink"})
    if (name == editing) return text_argument(arguments, "label");
  return {};
}

}  // namespace reverie
