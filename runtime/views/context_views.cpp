// What an agent's next model call would look like.

#include "config/json_writer.hpp"
#include "runtime/llm/llm_config.hpp"
#include "runtime/prompt/system_prompt.hpp"
#include "runtime/views/view_parts.hpp"

namespace reverie {

namespace {

// A stored message as it is, for the overview of a context.
void append_stored_message(std::string& out, const Message& message) {
  JsonObjectWriter json{out};
  json.add_null("created_by_id")
    .add_null("last_updated_by_id")
    .add("created_at", message.created_at)
    .add_null("updated_at")
    .add("id", message.id)
    .add("agent_id", message.agent_id)
    .add("model", message.model)
    .add("role", message.role);
  json.begin("content");
  out += '[';
  for (std::size_t i = 0; i < message.content.size(); ++i) {
    const ContentPart& part = message.content[i];
    if (i > 0) out += ',';
    JsonObjectWriter piece{out};
    piece.add("type", part.type);
    if (part.type == "reasoning")
      piece.add("is_native", true).add("reasoning", part.text).add("signature", part.signature);
    else if (part.type == "redacted_reasoning")
      piece.add("data", part.text);
    else
      piece.add("text", part.text).add_null("signature");
  }
  out += ']';
  json.add("name", message.name);
  json.begin("tool_calls");
  out += message.tool_calls.empty() ? "null" : "[";
  for (std::size_t i = 0; i < message.tool_calls.size(); ++i) {
    const StoredToolCall& call = message.tool_calls[i];
    if (i > 0) out += ',';
    JsonObjectWriter entry{out};
    entry.add("id", call.id).add("type", "function");
    entry.begin("function");
    JsonObjectWriter{out}.add("name", call.name).add("arguments", call.arguments);
  }
  if (!message.tool_calls.empty()) out += ']';
  json.begin("tool_call_id");
  if (message.tool_returns.empty())
    out += "null";
  else
    append_json_string(out, message.tool_returns.front().tool_call_id);
  json.add("step_id", message.step_id).add("run_id", message.run_id).add("otid", message.otid);
  json.begin("tool_returns");
  out += '[';
  for (std::size_t i = 0; i < message.tool_returns.size(); ++i) {
    const StoredToolReturn& result = message.tool_returns[i];
    if (i > 0) out += ',';
    JsonObjectWriter{out}
      .add("tool_call_id", result.tool_call_id)
      .add("status", result.status)
      .add("stdout", result.stdout_lines)
      .add("stderr", result.stderr_lines)
      .add("func_response", result.text);
  }
  out += ']';
  json.add("group_id", message.group_id)
    .add("sender_id", message.sender_id)
    .add_null("batch_item_id")
    .add("conversation_id", message.conversation_id)
    .add("is_err", message.is_err)
    .add_null("approval_request_id")
    .add_null("approve")
    .add_null("denial_reason")
    .add_null("approvals");
}

Result<std::vector<Message>> context_messages(const ViewContext& context, const Agent& agent) {
  const auto thread = Table<ContextTable>{context.store}.get({agent.id, ""});
  std::vector<Message> messages;
  if (!thread) {
    if (thread.error().code != Errc::not_found) return thread.error();
    return messages;
  }
  std::vector<MessageTable::Key> keys;
  for (const std::int64_t id : thread->value.sequence_ids)
    keys.push_back({agent.id, static_cast<std::uint64_t>(id)});
  REVERIE_TRY(auto found, Table<MessageTable>{context.store}.multi_get(keys));
  for (auto& message : found)
    if (message) messages.push_back(std::move(message->value));
  return messages;
}

std::string function_definitions(const std::vector<ToolPointer>& tools) {
  std::string out = "[";
  for (const ToolPointer& tool : tools) {
    if (out.size() > 1) out += ',';
    JsonObjectWriter entry{out};
    entry.begin("function");
    {
      JsonObjectWriter{out}
        .add("name", tool->name)
        .add("description", tool->description)
        .add("parameters", tool->parameters);
    }
    entry.add("type", "function");
  }
  return out += ']';
}

std::int64_t tokens_of(const std::optional<std::string>& text) {
  return text ? estimate_tokens(*text) : 0;
}

}  // namespace

Result<std::string> view(const ViewContext& context, const RetrieveContextWindow& request) {
  REVERIE_TRY(const Agent agent, find_agent(context, request.agent_id));
  REVERIE_TRY(const auto messages, context_messages(context, agent));
  REVERIE_TRY(const ModelConfig model,
              model_config_of({agent.model, agent.llm_config, agent.model_settings}));
  const auto activity = Table<AgentActivityTable>{context.store}.get({agent.id});
  const PromptSections sections = split_system_prompt(
    messages.empty() || messages.front().content.empty() ? ""
                                                         : messages.front().content.front().text);
  REVERIE_TRY(const auto agent_tools, tools_of(context, agent.tool_ids));
  const std::string functions = function_definitions(agent_tools);
  std::string said = "[";
  std::int64_t message_tokens = 0;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const std::size_t before = said.size();
    if (i > 0) said += ',';
    append_stored_message(said, messages[i]);
    if (i > 0) message_tokens += estimate_tokens(std::string_view(said).substr(before));
  }
  said += ']';
  const std::int64_t system = estimate_tokens(sections.system_prompt);
  const std::int64_t core = tokens_of(sections.core_memory);
  const std::int64_t external = tokens_of(sections.external_memory_summary);
  const std::int64_t rules = tokens_of(sections.tool_usage_rules);
  const std::int64_t tools = estimate_tokens(functions);
  std::string out;
  JsonObjectWriter{out}
    .add("context_window_size_max", model.context_window)
    .add("context_window_size_current", system + core + external + rules + tools + message_tokens)
    .add("num_messages", static_cast<std::int64_t>(messages.size()))
    .add("num_archival_memory", std::int64_t{0})
    .add("num_recall_memory", activity ? activity->value.messages_count : std::int64_t{0})
    .add("num_tokens_external_memory_summary", external)
    .add("external_memory_summary", sections.external_memory_summary.value_or(""))
    .add("num_tokens_system", system)
    .add("system_prompt", sections.system_prompt)
    .add("num_tokens_core_memory", core)
    .add("core_memory", sections.core_memory.value_or(""))
    .add("num_tokens_memory_filesystem", tokens_of(sections.memory_filesystem))
    .add("memory_filesystem", sections.memory_filesystem)
    .add("num_tokens_tool_usage_rules", rules)
    .add("tool_usage_rules", sections.tool_usage_rules)
    .add("num_tokens_directories", tokens_of(sections.directories))
    .add("directories", sections.directories)
    .add("num_tokens_summary_memory", std::int64_t{0})
    .add_null("summary_memory")
    .add("num_tokens_functions_definitions", tools)
    .add_json("functions_definitions", functions)
    .add("num_tokens_messages", message_tokens)
    .add_json("messages", said);
  return out;
}

}  // namespace reverie
