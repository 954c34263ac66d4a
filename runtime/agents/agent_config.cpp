#include "runtime/agents/agent_config.hpp"

#include "config/ids.hpp"
#include "runtime/agent_type.hpp"
#include "runtime/agents/agent_name.hpp"
#include "runtime/git_memory/block_path.hpp"
#include "runtime/git_memory/git_backed.hpp"
#include "runtime/llm/llm_config.hpp"
#include "runtime/llm/models_json.hpp"
#include "runtime/messages/input.hpp"
#include "runtime/messages/packaged.hpp"
#include "runtime/prompt/default_prompts.hpp"
#include "runtime/requests/blocks.hpp"
#include "runtime/time_format.hpp"
#include "runtime/tool_rules.hpp"
#include "runtime/tools/stored_tools.hpp"
#include "runtime/tools/tools.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace reverie {

namespace {

bool is_given(const RawJson& json) {
  return !json.is_null() && json.text != "{}" && json.text != "[]";
}

bool is_given(const std::optional<std::vector<std::string>>& list) {
  return list && !list->empty();
}

// What later releases bring: refused, not ignored.
template <class Request>
Status check_built(const Request& request) {
  const auto not_built = [](const char* what, const char* where) {
    return Error{Errc::not_built, std::string(what) + " are not built yet", where};
  };
  if (is_given(request.source_ids)) return not_built("folders", "body.source_ids");
  if (is_given(request.folder_ids)) return not_built("folders", "body.folder_ids");
  if (is_given(request.identity_ids)) return not_built("identities", "body.identity_ids");
  if (request.enable_sleeptime.value_or(false))
    return not_built("sleep-time agents", "body.enable_sleeptime");
  return {};
}

Status check_name(const std::string& name) {
  constexpr std::string_view others = "_-' ";
  const bool is_fine = !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || std::isalnum(byte) || others.find(c) != std::string_view::npos;
  });
  if (is_fine) return {};
  return Error{Errc::invalid_argument, "expected letters, digits, spaces and _ - '", "body.name"};
}

Status check_timezone(const std::string& timezone) {
  if (is_timezone(timezone)) return {};
  return Error{Errc::invalid_argument, "'" + timezone + "' is no time zone", "body.timezone"};
}

ModelRequest model_request(const CreateAgent& request) {
  return {
    request.model_settings,       request.llm_config,
    request.context_window_limit, request.max_tokens,
    request.max_reasoning_tokens, request.reasoning ? request.reasoning : request.enable_reasoner,
    request.parallel_tool_calls};
}

ModelRequest model_request(const ModifyAgent& request) {
  return {request.model_settings,     request.llm_config, request.context_window_limit,
          request.max_tokens,         std::nullopt,       request.reasoning,
          request.parallel_tool_calls};
}

Result<std::string> wanted_model(const CreateAgent& request, const AgentConfigContext& context) {
  if (request.model) return *request.model;
  if (!request.llm_config.is_null()) return handle_of_llm_config(request.llm_config);
  if (!context.default_model.empty()) return context.default_model;
  return Error{Errc::bad_request,
               "INVALID_ARGUMENT: Must specify either model or llm_config in request, or set "
               "models.default_handle",
               "body.model"};
}

void set_embedding(Agent& agent, const std::string& handle, const AgentConfigContext& context) {
  const auto models = context.providers.list_embeddings();
  const auto found = std::find_if(models.begin(), models.end(),
                                  [&](const ModelInfo& model) { return model.handle == handle; });
  agent.embedding = handle;
  agent.embedding_config =
    RawJson{embedding_config_json(handle, found == models.end() ? nullptr : &*found)};
}

bool has(const std::vector<std::string>& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

Result<std::vector<ToolPointer>> tools_of(const CreateAgent& request, const std::string& agent_type,
                                          const AgentConfigContext& context) {
  std::vector<ToolPointer> tools;
  const auto add = [&](ToolPointer tool) {
    const auto is_same = [&](const ToolPointer& each) { return each->id == tool->id; };
    if (std::none_of(tools.begin(), tools.end(), is_same)) tools.push_back(std::move(tool));
  };
  if (request.include_base_tools)
    for (const auto name : base_tools(agent_type, false))
      if (const Tool* tool = find_builtin_tool(name)) add(unowned(*tool));
  if (request.include_multi_agent_tools)
    for (const auto name : multi_agent_tools())
      if (const Tool* tool = find_builtin_tool(name)) add(unowned(*tool));
  std::string unknown;
  for (const std::string& name : request.tools.value_or(std::vector<std::string>{})) {
    auto tool = read_tool_named(context.store, context.org_id, name);
    if (tool)
      add(*std::move(tool));
    else if (tool.error().code == Errc::not_found)
      unknown += (unknown.empty() ? "'" : ", '") + name + "'";
    else
      return std::move(tool).error();
  }
  if (!unknown.empty())
    return Error{Errc::bad_request, "Tools not found by name: {" + unknown + "}", "body.tools"};
  for (const std::string& id : request.tool_ids.value_or(std::vector<std::string>{})) {
    REVERIE_TRY(ToolPointer tool, read_tool(context.store, context.org_id, id));
    add(std::move(tool));
  }
  return tools;
}

bool asks_for_approval(const Tool& tool) {
  return tool.custom && tool.custom->default_requires_approval.value_or(false);
}

Result<RawJson> checked_rules(const RawJson& rules) {
  auto parsed = ToolRules::parse(rules);
  if (!parsed) return std::move(parsed).error().in("body.tool_rules");
  return rules;
}

Result<RawJson> rules_of(const CreateAgent& request, const Agent& agent,
                         const std::vector<ToolPointer>& tools) {
  const bool has_explicit = is_given(request.tool_rules);
  const bool with_defaults = request.include_base_tool_rules.value_or(
    request.include_base_tools
    && has_default_tool_rules(agent.agent_type, agent.model, has_explicit));
  Json rules = Json::array();
  if (with_defaults) {
    std::vector<std::string> names;
    for (const ToolPointer& tool : tools) names.push_back(tool->name);
    rules = Json::parse(default_tool_rules(names).text);
  }
  if (has_explicit) {
    REVERIE_TRY(const RawJson checked, checked_rules(request.tool_rules));
    for (Json& rule : Json::parse(checked.text)) rules.push_back(std::move(rule));
  }
  RawJson all{rules.dump()};
  for (const ToolPointer& tool : tools)
    if (asks_for_approval(*tool)) all = with_approval_rule(all, tool->name, true);
  return all;
}

Result<std::vector<Block>> blocks_of(const CreateAgent& request, const Agent& agent,
                                     const AgentConfigContext& context) {
  std::vector<Block> blocks;
  std::set<std::string> labels;
  const bool is_file = is_git_backed(agent.tags);
  for (const CreateBlockInAgent& given :
       request.memory_blocks.value_or(std::vector<CreateBlockInAgent>{})) {
    if (given.label.empty())
      return Error{Errc::invalid_argument, "the label is empty", "body.memory_blocks.label"};
    const std::string label = is_file ? git_backed_label(given.label) : given.label;
    if (is_file)
      if (auto path = path_of_label(label); !path)
        return std::move(path).error().in("body.memory_blocks");
    if (!labels.insert(label).second) continue;  // of equal labels the first one counts
    Block block;
    REVERIE_TRY(block.id, new_child_id(Prefix::block, agent.id, context.random));
    block.org_id = agent.org_id;
    block.label = label;
    block.value = given.value;
    std::erase(block.value, '\0');
    block.limit = given.limit;
    block.description = given.description;
    const auto stock = default_block_description(given.label);
    if (!block.description && !stock.empty()) block.description = std::string(stock);
    block.read_only = given.read_only;
    if (!given.metadata.is_null()) block.metadata = given.metadata;
    block.tags = given.tags;
    block.hidden = given.hidden;
    block.is_template = given.is_template;
    block.template_name = given.template_name;
    block.project_id = given.project_id ? given.project_id : agent.project_id;
    block.created_by_id = context.user_id;
    block.last_updated_by_id = context.user_id;
    block.created_at = context.now;
    block.updated_at = context.now;
    blocks.push_back(std::move(block));
  }
  return blocks;
}

std::vector<std::string> distinct(const std::vector<std::string>& tags) {
  std::vector<std::string> out;
  for (const std::string& tag : tags)
    if (!has(out, tag)) out.push_back(tag);
  return out;
}

// How many files an agent may have open, and how much of each it sees: by the size of the window.
struct FileLimits {
  std::int64_t open_max;
  std::int64_t view_chars;
};

FileLimits file_limits(std::int64_t context_window) {
  if (context_window <= 8'000) return {3, 5'000};
  if (context_window <= 32'000) return {5, 15'000};
  if (context_window <= 128'000) return {10, 25'000};
  if (context_window <= 200'000) return {10, 40'000};
  return {15, 40'000};
}

Result<std::vector<Message>> initial_messages(const CreateAgent& request, const Agent& agent,
                                              const AgentConfigContext& context) {
  if (request.initial_message_sequence.is_null()) {
    const bool has_greeting =
      agent_profile(agent.agent_type).has_boot_messages
      || (!request.include_base_tools && agent.agent_type != "letta_v1_agent");
    return has_greeting ? boot_messages(agent, context.now) : std::vector<Message>{};
  }
  const Json list = Json::parse(request.initial_message_sequence.text, nullptr, false);
  if (list.is_array() && list.empty()) return std::vector<Message>{};
  auto messages = read_input_messages(list, {agent.id, context.now, context.random});
  if (!messages) return std::move(messages).error().in("body.initial_message_sequence");
  return messages;
}

Message boot_message(const Agent& agent, std::string role, std::string text, Timestamp now) {
  Message message;
  message.agent_id = agent.id;
  message.org_id = agent.org_id;
  message.role = std::move(role);
  message.created_at = now;
  if (!text.empty()) {
    ContentPart part;
    part.text = std::move(text);
    message.content.push_back(std::move(part));
  }
  return message;
}

}  // namespace

std::vector<Message> boot_messages(const Agent& agent, Timestamp now) {
  constexpr const char* call_id = "call_00000000";
  Message greeting =
    boot_message(agent, "assistant", "Bootup sequence complete. The persona is active.", now);
  greeting.model = agent.model;
  greeting.tool_calls.push_back(
    {call_id, "send_message", R"({"message": "More human than human is our motto."})"});
  Message returned = boot_message(agent, "tool", "", now);
  returned.name = "send_message";
  returned.tool_returns.push_back({call_id, "send_message", "success", "None", {}, {}});
  return {std::move(greeting), std::move(returned),
          boot_message(agent, "user", packaged_login(now, agent.timezone), now)};
}

Result<NewAgent> new_agent(const CreateAgent& request, const AgentConfigContext& context) {
  REVERIE_CHECK(check_built(request));
  NewAgent made;
  Agent& agent = made.agent;
  agent.id = request.agent_id;
  agent.org_id = context.org_id;
  agent.agent_type = request.agent_type.value_or("letta_v1_agent");
  const AgentProfile* profile = find_agent_profile(agent.agent_type);
  if (!profile)
    return Error{Errc::invalid_argument, "'" + agent.agent_type + "' is no type of agent",
                 "body.agent_type"};
  agent.name = request.name ? *request.name : random_agent_name(context.random);
  REVERIE_CHECK(check_name(agent.name));
  agent.timezone = request.timezone.value_or("UTC");
  REVERIE_CHECK(check_timezone(agent.timezone));
  if (!request.system && !profile->has_system_default)
    return Error{Errc::bad_request, "an agent of this type needs a system prompt", "body.system"};
  agent.system =
    request.system ? *request.system : std::string(default_system_prompt(agent.agent_type));

  REVERIE_TRY(const std::string handle, wanted_model(request, context));
  REVERIE_TRY(const ResolvedModel model, context.providers.resolve(handle));
  auto agent_model =
    make_agent_model(model.info, model_request(request), context.context_window_max);
  if (!agent_model) return std::move(agent_model).error().in("body");
  agent.model = agent_model->handle;
  agent.llm_config = std::move(agent_model->llm_config);
  agent.model_settings = std::move(agent_model->model_settings);
  REVERIE_TRY(const ModelConfig config,
              model_config_of({agent.model, agent.llm_config, agent.model_settings}));
  if (request.embedding)
    set_embedding(agent, *request.embedding, context);
  else if (!request.embedding_config.is_null())
    agent.embedding_config = request.embedding_config;
  else if (!context.default_embedding.empty())
    set_embedding(agent, context.default_embedding, context);
  agent.compaction_settings = request.compaction_settings.is_null()
                                ? RawJson{default_compaction_settings(model.info)}
                                : request.compaction_settings;
  agent.response_format = request.response_format;

  const FileLimits files = file_limits(config.context_window);
  agent.max_files_open = request.max_files_open.value_or(files.open_max);
  agent.per_file_view_window_char_limit =
    request.per_file_view_window_char_limit.value_or(files.view_chars);
  agent.description = request.description;
  agent.metadata = request.metadata;
  agent.tags = distinct(request.tags.value_or(std::vector<std::string>{}));
  agent.message_buffer_autoclear = request.message_buffer_autoclear || profile->always_autoclears;
  agent.enable_sleeptime = request.enable_sleeptime;
  agent.hidden = request.hidden;
  if (std::count(agent.tags.begin(), agent.tags.end(), "role:subagent")) agent.hidden = true;
  agent.project_id = request.project_id;
  agent.template_id = request.template_id;
  agent.base_template_id = request.base_template_id;
  agent.created_by_id = context.user_id;
  agent.last_updated_by_id = context.user_id;
  agent.created_at = context.now;
  agent.updated_at = context.now;

  REVERIE_TRY(const auto tools, tools_of(request, agent.agent_type, context));
  for (const ToolPointer& tool : tools) agent.tool_ids.push_back(tool->id);
  REVERIE_TRY(agent.tool_rules, rules_of(request, agent, tools));
  REVERIE_TRY(made.blocks, blocks_of(request, agent, context));
  for (const Block& block : made.blocks) agent.block_ids.push_back(block.id);
  for (const std::string& id : request.block_ids.value_or(std::vector<std::string>{}))
    if (std::find(agent.block_ids.begin(), agent.block_ids.end(), id) == agent.block_ids.end())
      agent.block_ids.push_back(id);
  REVERIE_TRY(made.messages, initial_messages(request, agent, context));
  return made;
}

void attach_tool(Agent& agent, const Tool& tool) {
  if (has(agent.tool_ids, tool.id)) return;
  agent.tool_ids.push_back(tool.id);
  if (asks_for_approval(tool))
    agent.tool_rules = with_approval_rule(agent.tool_rules, tool.name, true);
}

Status modify_agent(Agent& agent, const ModifyAgent& request, const AgentConfigContext& context) {
  REVERIE_CHECK(check_built(request));
  const auto set = [](auto& member, const auto& given) {
    if (given) member = *given;
  };
  const auto set_json = [](RawJson& member, const RawJson& given) {
    if (!given.is_null()) member = given;
  };
  if (request.name) REVERIE_CHECK(check_name(*request.name));
  if (request.timezone) REVERIE_CHECK(check_timezone(*request.timezone));
  if (request.message_ids)
    return Error{Errc::not_built, "changing the context by hand is not built yet",
                 "body.message_ids"};
  set(agent.name, request.name);
  set(agent.system, request.system);
  set(agent.timezone, request.timezone);
  set(agent.description, request.description);
  set_json(agent.metadata, request.metadata);
  set_json(agent.compaction_settings, request.compaction_settings);
  set_json(agent.response_format, request.response_format);
  set(agent.message_buffer_autoclear, request.message_buffer_autoclear);
  if (request.enable_sleeptime) agent.enable_sleeptime = request.enable_sleeptime;
  if (request.max_files_open) agent.max_files_open = request.max_files_open;
  if (request.per_file_view_window_char_limit)
    agent.per_file_view_window_char_limit = request.per_file_view_window_char_limit;
  if (request.hidden) agent.hidden = request.hidden;
  if (request.project_id) agent.project_id = request.project_id;
  if (request.template_id) agent.template_id = request.template_id;
  if (request.base_template_id) agent.base_template_id = request.base_template_id;
  if (request.tags) agent.tags = distinct(*request.tags);
  if (request.embedding)
    set_embedding(agent, *request.embedding, context);
  else
    set_json(agent.embedding_config, request.embedding_config);
  if (request.block_ids) agent.block_ids = distinct(*request.block_ids);
  if (!request.tool_rules.is_null()) {
    REVERIE_TRY(agent.tool_rules, checked_rules(request.tool_rules));
  }
  if (request.tool_ids) {
    const auto before = std::exchange(agent.tool_ids, {});
    for (const std::string& id : distinct(*request.tool_ids)) {
      REVERIE_TRY(const ToolPointer tool, read_tool(context.store, context.org_id, id));
      if (has(before, id))
        agent.tool_ids.push_back(id);
      else
        attach_tool(agent, *tool);
    }
  }

  ModelInfo info;
  if (request.model) {
    REVERIE_TRY(ResolvedModel model, context.providers.resolve(*request.model));
    info = std::move(model.info);
  }
  auto changed = change_agent_model({agent.model, agent.llm_config, agent.model_settings},
                                    request.model ? &info : nullptr, model_request(request),
                                    context.context_window_max);
  if (!changed) return std::move(changed).error().in("body");
  agent.model = std::move(changed->handle);
  agent.llm_config = std::move(changed->llm_config);
  agent.model_settings = std::move(changed->model_settings);
  return {};
}

Status modify_block(Block& block, const ModifyBlock& request) {
  if (request.label && request.label->empty())
    return Error{Errc::invalid_argument, "the label is empty", "body.label"};
  const auto set = [](auto& member, const auto& given) {
    if (given) member = *given;
  };
  set(block.label, request.label);
  set(block.value, request.value);
  std::erase(block.value, '\0');
  set(block.limit, request.limit);
  if (request.description) block.description = request.description;
  set(block.read_only, request.read_only);
  if (!request.metadata.is_null()) block.metadata = request.metadata;
  set(block.tags, request.tags);
  if (request.hidden) block.hidden = request.hidden;
  if (request.project_id) block.project_id = request.project_id;
  set(block.is_template, request.is_template);
  if (request.template_name) block.template_name = request.template_name;
  return {};
}

}  // namespace reverie
