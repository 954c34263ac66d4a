// Requests on agents.

#pragma once

#include "config/json.hpp"
#include "runtime/requests/owner.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

struct ListAgents {
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::optional<std::int64_t> limit;
  std::optional<std::string> order;
  std::optional<std::string> order_by;
  std::optional<std::string> name;
  std::vector<std::string> tags;
  std::optional<bool> match_all_tags;
  std::optional<std::string> query_text;
  std::optional<std::string> project_id;
  std::optional<std::string> template_id;
  std::optional<std::string> base_template_id;
  std::optional<std::string> identity_id;
  std::vector<std::string> identifier_keys;
  std::optional<std::string> last_stop_reason;
  std::optional<std::string> created_by_id;
  std::optional<bool> show_hidden_agents;
  std::optional<bool> ascending;
  std::optional<std::string> sort_by;
  std::vector<std::string> include;
  std::vector<std::string> include_relationships;
  bool is_sdk_v1 = false;

  static constexpr std::string_view type_name = "ListAgents";
  static constexpr Owner owner = Owner::scanner;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "before", &ListAgents::before, "Id before which the page ends.").from(In::query),
      field(2, "after", &ListAgents::after, "Id behind which the page starts.").from(In::query),
      field(3, "limit", &ListAgents::limit, "How many to return.").from(In::query),
      field(4, "order", &ListAgents::order, "asc or desc.").from(In::query),
      field(5, "order_by", &ListAgents::order_by, "The field to sort by.").from(In::query),
      field(6, "name", &ListAgents::name, "Exact name.").from(In::query),
      field(7, "tags", &ListAgents::tags).from(In::query),
      field(8, "match_all_tags", &ListAgents::match_all_tags).from(In::query),
      field(9, "query_text", &ListAgents::query_text, "Part of the name, in any case.")
        .from(In::query),
      field(10, "project_id", &ListAgents::project_id).from(In::query),
      field(11, "template_id", &ListAgents::template_id).from(In::query),
      field(12, "base_template_id", &ListAgents::base_template_id).from(In::query),
      field(13, "identity_id", &ListAgents::identity_id).from(In::query),
      field(14, "identifier_keys", &ListAgents::identifier_keys).from(In::query),
      field(15, "last_stop_reason", &ListAgents::last_stop_reason).from(In::query),
      field(16, "created_by_id", &ListAgents::created_by_id).from(In::query),
      field(17, "show_hidden_agents", &ListAgents::show_hidden_agents).from(In::query),
      field(18, "ascending", &ListAgents::ascending).from(In::query),
      field(19, "sort_by", &ListAgents::sort_by).from(In::query),
      field(20, "include", &ListAgents::include).from(In::query),
      field(21, "include_relationships", &ListAgents::include_relationships).from(In::query),
      field(22, "is_sdk_v1", &ListAgents::is_sdk_v1).from(In::server),
    };
  }
  bool operator==(const ListAgents&) const = default;
};

struct CountAgents {
  static constexpr std::string_view type_name = "CountAgents";
  static constexpr Owner owner = Owner::scanner;
  static constexpr auto fields() { return std::tuple{}; }
  bool operator==(const CountAgents&) const = default;
};

struct RetrieveAgent {
  std::string agent_id;
  std::vector<std::string> include;
  std::vector<std::string> include_relationships;
  bool is_sdk_v1 = false;

  static constexpr std::string_view type_name = "RetrieveAgent";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &RetrieveAgent::agent_id).from(In::path),
      field(2, "include", &RetrieveAgent::include).from(In::query),
      field(3, "include_relationships", &RetrieveAgent::include_relationships).from(In::query),
      field(4, "is_sdk_v1", &RetrieveAgent::is_sdk_v1).from(In::server),
    };
  }
  bool operator==(const RetrieveAgent&) const = default;
};

// A block that is made with its agent.
struct CreateBlockInAgent {
  std::string label;
  std::string value;
  std::int64_t limit = 100'000;
  std::optional<std::string> description;
  bool read_only = false;
  RawJson metadata{"{}"};
  std::vector<std::string> tags;
  std::optional<bool> hidden;
  bool is_template = false;
  std::optional<std::string> template_name;
  std::optional<std::string> project_id;

  static constexpr std::string_view type_name = "CreateBlockInAgent";
  static constexpr Owner owner = Owner::agent;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "label", &CreateBlockInAgent::label).required(),
      field(2, "value", &CreateBlockInAgent::value).required(),
      field(3, "limit", &CreateBlockInAgent::limit),
      field(4, "description", &CreateBlockInAgent::description),
      field(5, "read_only", &CreateBlockInAgent::read_only),
      field(6, "metadata", &CreateBlockInAgent::metadata),
      field(7, "tags", &CreateBlockInAgent::tags),
      field(8, "hidden", &CreateBlockInAgent::hidden),
      field(9, "is_template", &CreateBlockInAgent::is_template),
      field(10, "template_name", &CreateBlockInAgent::template_name),
      field(11, "project_id", &CreateBlockInAgent::project_id),
    };
  }
  bool operator==(const CreateBlockInAgent&) const = default;
};

struct CreateAgent {
  std::string agent_id;
  std::optional<std::string> name;
  std::optional<std::string> agent_type;
  std::optional<std::string> system;
  std::optional<std::string> model;
  std::optional<std::string> embedding;
  RawJson llm_config;
  RawJson embedding_config;
  RawJson model_settings;
  RawJson compaction_settings;
  RawJson response_format;
  std::optional<std::int64_t> context_window_limit;
  std::optional<std::int64_t> max_tokens;
  std::optional<std::int64_t> max_reasoning_tokens;
  std::optional<bool> enable_reasoner;
  std::optional<bool> reasoning;
  std::optional<bool> parallel_tool_calls;
  std::optional<std::vector<CreateBlockInAgent>> memory_blocks;
  std::optional<std::vector<std::string>> block_ids;
  std::optional<std::vector<std::string>> tool_ids;
  std::optional<std::vector<std::string>> tools;
  RawJson tool_rules;
  bool include_base_tools = true;
  std::optional<bool> include_base_tool_rules;
  bool include_multi_agent_tools = false;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::string> description;
  RawJson metadata;
  RawJson initial_message_sequence;
  bool message_buffer_autoclear = false;
  std::optional<bool> enable_sleeptime;
  std::optional<std::string> timezone;
  std::optional<std::int64_t> max_files_open;
  std::optional<std::int64_t> per_file_view_window_char_limit;
  std::optional<bool> hidden;
  std::optional<std::string> project_id;
  std::optional<std::string> template_id;
  std::optional<std::string> base_template_id;
  std::optional<std::vector<std::string>> source_ids;
  std::optional<std::vector<std::string>> folder_ids;
  std::optional<std::vector<std::string>> identity_ids;
  std::optional<std::map<std::string, std::string>> secrets;
  std::optional<std::map<std::string, std::string>> tool_exec_environment_variables;
  bool is_sdk_v1 = false;

  static constexpr std::string_view type_name = "CreateAgent";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &CreateAgent::agent_id).from(In::server),
      field(2, "name", &CreateAgent::name),
      field(3, "agent_type", &CreateAgent::agent_type),
      field(4, "system", &CreateAgent::system),
      field(5, "model", &CreateAgent::model, "Handle, <provider>/<model>."),
      field(6, "embedding", &CreateAgent::embedding),
      field(7, "llm_config", &CreateAgent::llm_config),
      field(8, "embedding_config", &CreateAgent::embedding_config),
      field(9, "model_settings", &CreateAgent::model_settings),
      field(10, "compaction_settings", &CreateAgent::compaction_settings),
      field(11, "response_format", &CreateAgent::response_format),
      field(12, "context_window_limit", &CreateAgent::context_window_limit),
      field(13, "max_tokens", &CreateAgent::max_tokens),
      field(14, "max_reasoning_tokens", &CreateAgent::max_reasoning_tokens),
      field(15, "enable_reasoner", &CreateAgent::enable_reasoner),
      field(16, "reasoning", &CreateAgent::reasoning),
      field(17, "parallel_tool_calls", &CreateAgent::parallel_tool_calls),
      field(18, "memory_blocks", &CreateAgent::memory_blocks),
      field(19, "block_ids", &CreateAgent::block_ids),
      field(20, "tool_ids", &CreateAgent::tool_ids),
      field(21, "tools", &CreateAgent::tools, "Names of tools."),
      field(22, "tool_rules", &CreateAgent::tool_rules),
      field(23, "include_base_tools", &CreateAgent::include_base_tools),
      field(24, "include_base_tool_rules", &CreateAgent::include_base_tool_rules),
      field(25, "include_multi_agent_tools", &CreateAgent::include_multi_agent_tools),
      field(26, "tags", &CreateAgent::tags),
      field(27, "description", &CreateAgent::description),
      field(28, "metadata", &CreateAgent::metadata),
      field(29, "initial_message_sequence", &CreateAgent::initial_message_sequence),
      field(30, "message_buffer_autoclear", &CreateAgent::message_buffer_autoclear),
      field(31, "enable_sleeptime", &CreateAgent::enable_sleeptime),
      field(32, "timezone", &CreateAgent::timezone),
      field(33, "max_files_open", &CreateAgent::max_files_open),
      field(34, "per_file_view_window_char_limit", &CreateAgent::per_file_view_window_char_limit),
      field(35, "hidden", &CreateAgent::hidden),
      field(36, "project_id", &CreateAgent::project_id),
      field(37, "template_id", &CreateAgent::template_id),
      field(38, "base_template_id", &CreateAgent::base_template_id),
      field(39, "source_ids", &CreateAgent::source_ids),
      field(40, "folder_ids", &CreateAgent::folder_ids),
      field(41, "identity_ids", &CreateAgent::identity_ids),
      field(42, "secrets", &CreateAgent::secrets),
      field(43, "tool_exec_environment_variables", &CreateAgent::tool_exec_environment_variables),
      field(44, "is_sdk_v1", &CreateAgent::is_sdk_v1).from(In::server),
    };
  }
  bool operator==(const CreateAgent&) const = default;
};

// An absent or null member keeps what is there; lists and objects replace as a whole.
struct ModifyAgent {
  std::string agent_id;
  std::optional<std::string> name;
  std::optional<std::string> system;
  std::optional<std::string> model;
  std::optional<std::string> embedding;
  RawJson llm_config;
  RawJson embedding_config;
  RawJson model_settings;
  RawJson compaction_settings;
  RawJson response_format;
  std::optional<std::int64_t> context_window_limit;
  std::optional<std::int64_t> max_tokens;
  std::optional<bool> reasoning;
  std::optional<bool> parallel_tool_calls;
  std::optional<std::vector<std::string>> block_ids;
  std::optional<std::vector<std::string>> tool_ids;
  RawJson tool_rules;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::string> description;
  RawJson metadata;
  std::optional<bool> message_buffer_autoclear;
  std::optional<bool> enable_sleeptime;
  std::optional<std::string> timezone;
  std::optional<std::int64_t> max_files_open;
  std::optional<std::int64_t> per_file_view_window_char_limit;
  std::optional<bool> hidden;
  std::optional<std::string> project_id;
  std::optional<std::string> template_id;
  std::optional<std::string> base_template_id;
  std::optional<std::vector<std::string>> message_ids;
  std::optional<std::vector<std::string>> source_ids;
  std::optional<std::vector<std::string>> folder_ids;
  std::optional<std::vector<std::string>> identity_ids;
  std::optional<std::map<std::string, std::string>> secrets;
  std::optional<std::map<std::string, std::string>> tool_exec_environment_variables;
  bool is_sdk_v1 = false;

  static constexpr std::string_view type_name = "ModifyAgent";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &ModifyAgent::agent_id).from(In::path),
      field(2, "name", &ModifyAgent::name),
      field(3, "system", &ModifyAgent::system),
      field(4, "model", &ModifyAgent::model),
      field(5, "embedding", &ModifyAgent::embedding),
      field(6, "llm_config", &ModifyAgent::llm_config),
      field(7, "embedding_config", &ModifyAgent::embedding_config),
      field(8, "model_settings", &ModifyAgent::model_settings),
      field(9, "compaction_settings", &ModifyAgent::compaction_settings),
      field(10, "response_format", &ModifyAgent::response_format),
      field(11, "context_window_limit", &ModifyAgent::context_window_limit),
      field(12, "max_tokens", &ModifyAgent::max_tokens),
      field(13, "reasoning", &ModifyAgent::reasoning),
      field(14, "parallel_tool_calls", &ModifyAgent::parallel_tool_calls),
      field(15, "block_ids", &ModifyAgent::block_ids),
      field(16, "tool_ids", &ModifyAgent::tool_ids),
      field(17, "tool_rules", &ModifyAgent::tool_rules),
      field(18, "tags", &ModifyAgent::tags),
      field(19, "description", &ModifyAgent::description),
      field(20, "metadata", &ModifyAgent::metadata),
      field(21, "message_buffer_autoclear", &ModifyAgent::message_buffer_autoclear),
      field(22, "enable_sleeptime", &ModifyAgent::enable_sleeptime),
      field(23, "timezone", &ModifyAgent::timezone),
      field(24, "max_files_open", &ModifyAgent::max_files_open),
      field(25, "per_file_view_window_char_limit", &ModifyAgent::per_file_view_window_char_limit),
      field(26, "hidden", &ModifyAgent::hidden),
      field(27, "project_id", &ModifyAgent::project_id),
      field(28, "template_id", &ModifyAgent::template_id),
      field(29, "base_template_id", &ModifyAgent::base_template_id),
      field(30, "message_ids", &ModifyAgent::message_ids),
      field(31, "source_ids", &ModifyAgent::source_ids),
      field(32, "folder_ids", &ModifyAgent::folder_ids),
      field(33, "identity_ids", &ModifyAgent::identity_ids),
      field(34, "secrets", &ModifyAgent::secrets),
      field(35, "tool_exec_environment_variables", &ModifyAgent::tool_exec_environment_variables),
      field(36, "is_sdk_v1", &ModifyAgent::is_sdk_v1).from(In::server),
    };
  }
  bool operator==(const ModifyAgent&) const = default;
};

struct DeleteAgent {
  std::string agent_id;

  static constexpr std::string_view type_name = "DeleteAgent";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &DeleteAgent::agent_id).from(In::path),
    };
  }
  bool operator==(const DeleteAgent&) const = default;
};

struct RetrieveContextWindow {
  std::string agent_id;

  static constexpr std::string_view type_name = "RetrieveContextWindow";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &RetrieveContextWindow::agent_id).from(In::path),
    };
  }
  bool operator==(const RetrieveContextWindow&) const = default;
};

struct RetrieveMemory {
  std::string agent_id;

  static constexpr std::string_view type_name = "RetrieveMemory";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &RetrieveMemory::agent_id).from(In::path),
    };
  }
  bool operator==(const RetrieveMemory&) const = default;
};

struct ListAgentBlocks {
  std::string agent_id;
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::optional<std::int64_t> limit;
  std::optional<std::string> order;
  std::optional<std::string> order_by;

  static constexpr std::string_view type_name = "ListAgentBlocks";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &ListAgentBlocks::agent_id).from(In::path),
      field(2, "before", &ListAgentBlocks::before, "Id before which the page ends.")
        .from(In::query),
      field(3, "after", &ListAgentBlocks::after, "Id behind which the page starts.")
        .from(In::query),
      field(4, "limit", &ListAgentBlocks::limit, "How many to return.").from(In::query),
      field(5, "order", &ListAgentBlocks::order, "asc or desc.").from(In::query),
      field(6, "order_by", &ListAgentBlocks::order_by, "The field to sort by.").from(In::query),
    };
  }
  bool operator==(const ListAgentBlocks&) const = default;
};

struct RetrieveAgentBlock {
  std::string agent_id;
  std::string block_label;

  static constexpr std::string_view type_name = "RetrieveAgentBlock";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &RetrieveAgentBlock::agent_id).from(In::path),
      field(2, "block_label", &RetrieveAgentBlock::block_label).from(In::path),
    };
  }
  bool operator==(const RetrieveAgentBlock&) const = default;
};

// An edit of the block that an agent holds under a label.
struct ModifyAgentBlock {
  std::string agent_id;
  std::string block_label;
  std::optional<std::string> value;
  std::optional<std::int64_t> limit;
  std::optional<std::string> label;
  std::optional<std::string> description;
  std::optional<bool> read_only;
  RawJson metadata;
  std::optional<std::vector<std::string>> tags;
  std::optional<bool> hidden;
  std::optional<std::string> project_id;

  static constexpr std::string_view type_name = "ModifyAgentBlock";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &ModifyAgentBlock::agent_id).from(In::path),
      field(2, "block_label", &ModifyAgentBlock::block_label).from(In::path),
      field(3, "value", &ModifyAgentBlock::value),
      field(4, "limit", &ModifyAgentBlock::limit),
      field(5, "label", &ModifyAgentBlock::label),
      field(6, "description", &ModifyAgentBlock::description),
      field(7, "read_only", &ModifyAgentBlock::read_only),
      field(8, "metadata", &ModifyAgentBlock::metadata),
      field(9, "tags", &ModifyAgentBlock::tags),
      field(10, "hidden", &ModifyAgentBlock::hidden),
      field(11, "project_id", &ModifyAgentBlock::project_id),
    };
  }
  bool operator==(const ModifyAgentBlock&) const = default;
};

struct AttachBlock {
  std::string agent_id;
  std::string block_id;
  bool is_sdk_v1 = false;

  static constexpr std::string_view type_name = "AttachBlock";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &AttachBlock::agent_id).from(In::path),
      field(2, "block_id", &AttachBlock::block_id).from(In::path),
      field(3, "is_sdk_v1", &AttachBlock::is_sdk_v1).from(In::server),
    };
  }
  bool operator==(const AttachBlock&) const = default;
};

struct DetachBlock {
  std::string agent_id;
  std::string block_id;
  bool is_sdk_v1 = false;

  static constexpr std::string_view type_name = "DetachBlock";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &DetachBlock::agent_id).from(In::path),
      field(2, "block_id", &DetachBlock::block_id).from(In::path),
      field(3, "is_sdk_v1", &DetachBlock::is_sdk_v1).from(In::server),
    };
  }
  bool operator==(const DetachBlock&) const = default;
};

struct ListAgentTools {
  std::string agent_id;
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::optional<std::int64_t> limit;
  std::optional<std::string> order;
  std::optional<std::string> order_by;

  static constexpr std::string_view type_name = "ListAgentTools";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &ListAgentTools::agent_id).from(In::path),
      field(2, "before", &ListAgentTools::before, "Id before which the page ends.").from(In::query),
      field(3, "after", &ListAgentTools::after, "Id behind which the page starts.").from(In::query),
      field(4, "limit", &ListAgentTools::limit, "How many to return.").from(In::query),
      field(5, "order", &ListAgentTools::order, "asc or desc.").from(In::query),
      field(6, "order_by", &ListAgentTools::order_by, "The field to sort by.").from(In::query),
    };
  }
  bool operator==(const ListAgentTools&) const = default;
};

struct AttachTool {
  std::string agent_id;
  std::string tool_id;
  bool is_sdk_v1 = false;

  static constexpr std::string_view type_name = "AttachTool";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &AttachTool::agent_id).from(In::path),
      field(2, "tool_id", &AttachTool::tool_id).from(In::path),
      field(3, "is_sdk_v1", &AttachTool::is_sdk_v1).from(In::server),
    };
  }
  bool operator==(const AttachTool&) const = default;
};

struct DetachTool {
  std::string agent_id;
  std::string tool_id;
  bool is_sdk_v1 = false;

  static constexpr std::string_view type_name = "DetachTool";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &DetachTool::agent_id).from(In::path),
      field(2, "tool_id", &DetachTool::tool_id).from(In::path),
      field(3, "is_sdk_v1", &DetachTool::is_sdk_v1).from(In::server),
    };
  }
  bool operator==(const DetachTool&) const = default;
};

// Whether calls of a tool wait for a person.
struct ModifyToolApproval {
  std::string agent_id;
  std::string tool_name;
  bool requires_approval = false;
  bool is_sdk_v1 = false;

  static constexpr std::string_view type_name = "ModifyToolApproval";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &ModifyToolApproval::agent_id).from(In::path),
      field(2, "tool_name", &ModifyToolApproval::tool_name).from(In::path),
      field(3, "requires_approval", &ModifyToolApproval::requires_approval).required(),
      field(4, "is_sdk_v1", &ModifyToolApproval::is_sdk_v1).from(In::server),
    };
  }
  bool operator==(const ModifyToolApproval&) const = default;
};

struct RecompileAgent {
  std::string agent_id;
  std::optional<bool> update_timestamp;
  std::optional<bool> dry_run;

  static constexpr std::string_view type_name = "RecompileAgent";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &RecompileAgent::agent_id).from(In::path),
      field(2, "update_timestamp", &RecompileAgent::update_timestamp).from(In::query),
      field(3, "dry_run", &RecompileAgent::dry_run).from(In::query),
    };
  }
  bool operator==(const RecompileAgent&) const = default;
};

struct ResetMessages {
  std::string agent_id;
  std::optional<bool> add_default_initial_messages;
  bool is_sdk_v1 = false;

  static constexpr std::string_view type_name = "ResetMessages";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &ResetMessages::agent_id).from(In::path),
      field(2, "add_default_initial_messages", &ResetMessages::add_default_initial_messages),
      field(3, "is_sdk_v1", &ResetMessages::is_sdk_v1).from(In::server),
    };
  }
  bool operator==(const ResetMessages&) const = default;
};

struct ListTags {
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::optional<std::int64_t> limit;
  std::optional<std::string> order;
  std::optional<std::string> order_by;
  std::optional<std::string> query_text;
  std::optional<std::string> name;

  static constexpr std::string_view type_name = "ListTags";
  static constexpr Owner owner = Owner::scanner;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "before", &ListTags::before, "Id before which the page ends.").from(In::query),
      field(2, "after", &ListTags::after, "Id behind which the page starts.").from(In::query),
      field(3, "limit", &ListTags::limit, "How many to return.").from(In::query),
      field(4, "order", &ListTags::order, "asc or desc.").from(In::query),
      field(5, "order_by", &ListTags::order_by, "The field to sort by.").from(In::query),
      field(6, "query_text", &ListTags::query_text).from(In::query),
      field(7, "name", &ListTags::name).from(In::query),
    };
  }
  bool operator==(const ListTags&) const = default;
};

}  // namespace reverie
