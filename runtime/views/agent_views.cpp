// One agent and what belongs to it.

#include "config/json_writer.hpp"
#include "runtime/agent_type.hpp"
#include "runtime/agents/agent_secrets.hpp"
#include "runtime/git_memory/git_backed.hpp"
#include "runtime/messages/api_messages.hpp"
#include "runtime/prompt/system_prompt.hpp"
#include "runtime/text.hpp"
#include "runtime/tools/stored_tools.hpp"
#include "runtime/tools/tools.hpp"
#include "runtime/views/rendered_answers.hpp"
#include "runtime/views/view_parts.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

namespace {

Error agent_not_found(const std::string& id) {
  return {Errc::not_found, "Agent with ID " + id + " not found", ""};
}

// The ids of the messages in the context of the default thread.
Status append_message_ids(std::string& out, const ViewContext& context, const Agent& agent) {
  const auto thread = Table<ContextTable>{context.store}.get({agent.id, ""});
  if (!thread) {
    out += "[]";
    return thread.error().code == Errc::not_found ? Status{} : Status{thread.error()};
  }
  append_json(out, thread->value.message_ids());
  return {};
}

void append_blocks(std::string& out, const std::vector<Block>& blocks) {
  out += '[';
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (i > 0) out += ',';
    append_block_json(out, blocks[i]);
  }
  out += ']';
}

void append_memory(std::string& out, const Agent& agent, const std::vector<Block>& blocks) {
  JsonObjectWriter memory{out};
  memory.add("agent_type", agent.agent_type).add("git_enabled", is_git_backed(agent.tags));
  memory.begin("blocks");
  append_blocks(out, blocks);
  memory.add_json("file_blocks", "[]").add("prompt_template", "");
}

// Those that are there: an agent may still name one that was deleted.
Status append_tools(std::string& out, const ViewContext& context,
                    const std::vector<std::string>& tool_ids) {
  REVERIE_TRY(const auto tools, tools_of(context, tool_ids));
  out += '[';
  for (std::size_t i = 0; i < tools.size(); ++i) {
    if (i > 0) out += ',';
    append_tool_json(out, *tools[i], context.user_id);
  }
  out += ']';
  return {};
}

void append_identity_and_times(JsonObjectWriter& json, const Agent& agent) {
  json.add("created_by_id", agent.created_by_id)
    .add("last_updated_by_id", agent.last_updated_by_id)
    .add("created_at", agent.created_at)
    .add("updated_at", agent.updated_at)
    .add("id", agent.id)
    .add("name", agent.name)
    .add("tool_rules", agent.tool_rules);
}

}  // namespace

AgentIncludes agent_includes(const std::vector<std::string>& include,
                             const std::vector<std::string>& include_relationships,
                             bool is_sdk_v1) {
  const auto has = [&](const char* now, const char* before) {
    return std::count(include.begin(), include.end(), now) > 0
           || std::count(include_relationships.begin(), include_relationships.end(), before) > 0;
  };
  if (!is_sdk_v1 && include.empty() && include_relationships.empty())
    return {true, true, true, false, true, false};
  return {has("agent.blocks", "memory"),
          has("agent.tools", "tools"),
          has("agent.tags", "tags"),
          has("agent.pending_approval", "pending_approval"),
          has("agent.secrets", "tool_exec_environment_variables"),
          has("agent.lifecycle", "lifecycle")};
}

Result<Agent> find_agent(const ViewContext& context, const std::string& agent_id) {
  auto agent = Table<AgentTable>{context.store}.get({agent_id});
  if (agent && agent->value.org_id == context.org_id) return std::move(agent->value);
  if (!agent && agent.error().code != Errc::not_found) return std::move(agent).error();
  return agent_not_found(agent_id);
}

Result<std::vector<ToolPointer>> tools_of(const ViewContext& context,
                                          const std::vector<std::string>& tool_ids) {
  std::vector<ToolPointer> tools;
  for (const std::string& id : tool_ids) {
    auto tool = read_tool(context.store, context.org_id, id);
    if (tool)
      tools.push_back(*std::move(tool));
    else if (tool.error().code != Errc::not_found)
      return std::move(tool).error();
  }
  return tools;
}

Result<std::optional<AgentActivity>> find_activity(const ViewContext& context,
                                                   const std::string& agent_id) {
  auto activity = Table<AgentActivityTable>{context.store}.get({agent_id});
  if (activity) return std::optional{std::move(activity->value)};
  if (activity.error().code == Errc::not_found) return std::optional<AgentActivity>{};
  return std::move(activity).error();
}

Result<std::vector<Block>> blocks_of_agent(const ViewContext& context, const Agent& agent) {
  std::vector<BlockTable::Key> keys;
  for (const std::string& id : agent.block_ids) keys.push_back({id});
  REVERIE_TRY(auto found, Table<BlockTable>{context.store}.multi_get(keys));
  std::vector<Block> blocks;
  for (auto& block : found)
    if (block) blocks.push_back(std::move(block->value));
  return blocks;
}

namespace {

// The message that the default thread waits for a decision about.
Status append_pending_approval(std::string& out, const ViewContext& context, const Agent& agent,
                               bool is_wanted) {
  std::string shown;
  if (is_wanted) {
    const auto thread = Table<ContextTable>{context.store}.get({agent.id, ""});
    if (!thread && thread.error().code != Errc::not_found) return thread.error();
    if (thread && thread->value.pending != 0) {
      const auto pending = static_cast<std::uint64_t>(thread->value.pending);
      REVERIE_TRY(const auto message, Table<MessageTable>{context.store}.get({agent.id, pending}));
      ApiMessageOptions options;
      options.types = MessageTypeSet::of({MessageType::approval_request_message});
      append_api_messages(shown, message.value, options);
    }
  }
  out += shown.empty() ? "null" : shown;
  return {};
}

Result<std::string> secrets_json(const ViewContext& context, const Agent& agent) {
  REVERIE_TRY(const auto secrets, read_secrets(context.store, context.secrets, agent.id));
  std::string out = "[";
  for (const auto& [record, value] : secrets) {
    if (out.size() > 1) out += ',';
    JsonObjectWriter{out}
      .add("created_by_id", record.created_by_id)
      .add("last_updated_by_id", record.last_updated_by_id)
      .add("created_at", record.created_at)
      .add("updated_at", record.updated_at)
      .add("id", record.id)
      .add("key", record.name)
      .add("value", value)
      .add("description", record.description)
      .add("organization_id", record.org_id)
      .add("value_enc", std::optional<std::string>{})
      .add("agent_id", agent.id);
  }
  return out += ']';
}

// In the order of the contract's AgentState.
Status append_agent_json(std::string& out, const ViewContext& context, const Agent& agent,
                         const AgentIncludes& includes) {
  REVERIE_TRY(const auto activity, find_activity(context, agent.id));
  std::vector<Block> blocks;
  if (includes.blocks) {
    REVERIE_TRY(blocks, blocks_of_agent(context, agent));
  }
  const AgentActivity state = activity.value_or(AgentActivity{});
  JsonObjectWriter json{out};
  append_identity_and_times(json, agent);
  json.begin("message_ids");
  REVERIE_CHECK(append_message_ids(out, context, agent));
  json.add("system", agent.system)
    .add("agent_type", agent.agent_type)
    .add("llm_config", agent.llm_config)
    .add("embedding_config", agent.embedding_config)
    .add("model", agent.model)
    .add("embedding", agent.embedding)
    .add("model_settings", agent.model_settings)
    .add("compaction_settings", agent.compaction_settings)
    .add("response_format", agent.response_format)
    .add("description", agent.description)
    .add("metadata", agent.metadata);
  json.begin("memory");
  append_memory(out, agent, blocks);
  json.begin("blocks");
  append_blocks(out, blocks);
  json.begin("tools");
  if (includes.tools)
    REVERIE_CHECK(append_tools(out, context, agent.tool_ids));
  else
    out += "[]";
  json.add_json("sources", "[]");
  json.begin("tags");
  append_json(out, includes.tags ? agent.tags : std::vector<std::string>{});
  std::string secrets = "[]";
  if (includes.secrets) {
    REVERIE_TRY(secrets, secrets_json(context, agent));
  }
  json.add_json("tool_exec_environment_variables", secrets)
    .add_json("secrets", secrets)
    .add("project_id", agent.project_id)
    .add("template_id", agent.template_id)
    .add("base_template_id", agent.base_template_id)
    .add("deployment_id", agent.deployment_id)
    .add("entity_id", agent.entity_id)
    .add("identity_ids", agent.identity_ids)
    .add_json("identities", "[]")
    .begin("pending_approval");
  REVERIE_CHECK(append_pending_approval(out, context, agent, includes.pending_approval));
  json.add("message_buffer_autoclear", agent.message_buffer_autoclear)
    .add("enable_sleeptime", agent.enable_sleeptime)
    .add_null("multi_agent_group")
    .add_null("managed_group")
    .add("last_run_completion", state.last_run_completion)
    .add("last_run_duration_ms", state.last_run_duration_ms)
    .add("last_stop_reason", state.last_stop_reason)
    .add("timezone", agent.timezone)
    .add("max_files_open", agent.max_files_open)
    .add("per_file_view_window_char_limit", agent.per_file_view_window_char_limit)
    .add("hidden", agent.hidden);
  if (includes.lifecycle) json.add("lifecycle", lifecycle_of(state));
  return {};
}

std::string rendered_key(const ViewContext& context, const std::string& agent_id,
                         const AgentIncludes& includes) {
  std::string key = agent_id;
  key += includes.blocks ? 'b' : '-';
  key += includes.tools ? 't' : '-';
  key += includes.tags ? 't' : '-';
  key += includes.pending_approval ? 'p' : '-';
  key += includes.secrets ? 's' : '-';
  key += includes.lifecycle ? 'l' : '-';
  return key += context.org_id + context.user_id;
}

// Of an agent that is about to be read, and of its blocks when they are shown.
void add_home(RenderedAnswers::Sources& sources, const std::string& id) {
  if (const auto home = home_of(id)) sources.add(*home);
}

}  // namespace

Status append_agent(std::string& out, const ViewContext& context, const std::string& agent_id,
                    const AgentIncludes& includes) {
  if (!context.rendered) {
    REVERIE_TRY(const Agent agent, find_agent(context, agent_id));
    return append_agent_json(out, context, agent, includes);
  }
  const std::string key = rendered_key(context, agent_id, includes);
  if (context.rendered->append(out, key)) return {};
  auto sources = context.rendered->sources();
  add_home(sources, agent_id);
  REVERIE_TRY(const Agent agent, find_agent(context, agent_id));
  if (includes.blocks)
    for (const std::string& id : agent.block_ids) add_home(sources, id);
  if (includes.tools)
    for (const std::string& id : agent.tool_ids)
      if (!find_builtin_tool_by_id(id)) add_home(sources, id);
  const std::size_t begin = out.size();
  REVERIE_CHECK(append_agent_json(out, context, agent, includes));
  context.rendered->keep(key, std::string_view{out}.substr(begin), std::move(sources));
  return {};
}

Result<std::string> agent_json(const ViewContext& context, const std::string& agent_id,
                               bool with_relationships) {
  std::string out;
  AgentIncludes includes;
  includes.blocks = includes.tools = includes.tags = includes.secrets = with_relationships;
  REVERIE_CHECK(append_agent(out, context, agent_id, includes));
  return out;
}

Result<std::string> view(const ViewContext& context, const RetrieveAgent& request) {
  std::string out;
  REVERIE_CHECK(append_agent(out, context, request.agent_id, includes_of(request)));
  return out;
}

std::optional<std::string> rendered_answer(const ViewContext& context,
                                           const RetrieveAgent& request) {
  std::string out;
  if (context.rendered
      && context.rendered->append(out,
                                  rendered_key(context, request.agent_id, includes_of(request))))
    return out;
  return std::nullopt;
}

Result<std::string> view(const ViewContext& context, const RetrieveMemory& request) {
  REVERIE_TRY(const Agent agent, find_agent(context, request.agent_id));
  REVERIE_TRY(const auto blocks, blocks_of_agent(context, agent));
  std::string out;
  append_memory(out, agent, blocks);
  return out;
}

Result<std::string> view(const ViewContext& context, const ListAgentBlocks& request) {
  REVERIE_TRY(const Agent agent, find_agent(context, request.agent_id));
  REVERIE_TRY(const PageRequest page, page_request(request, 100, true));
  REVERIE_TRY(auto blocks, blocks_of_agent(context, agent));
  if (!page.is_ascending) std::reverse(blocks.begin(), blocks.end());
  cut_to_page(blocks, page, [](const Block& block) -> const std::string& { return block.id; });
  std::string out;
  append_blocks(out, blocks);
  return out;
}

Result<std::string> view(const ViewContext& context, const RetrieveAgentBlock& request) {
  REVERIE_TRY(const Agent agent, find_agent(context, request.agent_id));
  REVERIE_TRY(const auto blocks, blocks_of_agent(context, agent));
  for (const Block& block : blocks) {
    if (block.label != request.block_label) continue;
    std::string out;
    append_block_json(out, block);
    return out;
  }
  return Error{Errc::not_found,
               "Block with label '" + request.block_label + "' not found for this agent", ""};
}

Result<std::string> view(const ViewContext& context, const ListAgentTools& request) {
  REVERIE_TRY(const Agent agent, find_agent(context, request.agent_id));
  REVERIE_TRY(const PageRequest page, page_request(request, 10, false));
  std::vector<std::string> ids = agent.tool_ids;
  if (page.is_ascending) std::reverse(ids.begin(), ids.end());
  cut_to_page(ids, page, [](const std::string& id) -> const std::string& { return id; });
  std::string out;
  REVERIE_CHECK(append_tools(out, context, ids));
  return out;
}

}  // namespace reverie
