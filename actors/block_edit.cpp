#include "actors/block_edit.hpp"

#include <utility>

namespace reverie {

Routed block_edit(const std::string& block_id, std::string operation_id, std::string tool_name,
                  const Json& arguments, const std::string& org_id, const std::string& user_id) {
  EditBlock edit;
  edit.block_id = block_id;
  edit.operation_id = std::move(operation_id);
  edit.tool_name = std::move(tool_name);
  edit.arguments = arguments.dump(-1, ' ', false, Json::error_handler_t::replace);
  return {block_id, org_id, user_id, std::move(edit)};
}

ToolOutcome outcome_of_edit(const std::string& tool_name, const Result<Answer>& answer) {
  if (!answer) return tool_error(tool_name, "RuntimeError", answer.error().message);
  const Json json = Json::parse(answer->json, nullptr, false);
  if (!json.is_object()) return tool_error(tool_name, "RuntimeError", "no answer");
  std::string text = json.value("text", "");
  if (json.value("is_error", false)) return tool_error(tool_name, "ValueError", std::move(text));
  return tool_success(std::move(text));
}

}  // namespace reverie
