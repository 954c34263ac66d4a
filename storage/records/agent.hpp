#pragma once

#include "config/json.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// The configuration of an agent: what a person or another program sets. A message never rewrites
// it; what changes while the agent runs is in AgentActivity.
struct Agent {
  std::string id;  // "agent-<uuid>"
  std::string org_id;
  std::string name;
  std::optional<std::string> description;
  std::string agent_type = "letta_v1_agent";
  std::string system;  // the prompt without the memory
  std::string model;   // handle, "<provider>/<model>"
  RawJson llm_config;  // as the API shows it
  RawJson model_settings;
  std::optional<std::string> embedding;  // handle
  RawJson embedding_config;
  RawJson compaction_settings;
  RawJson response_format;
  std::vector<std::string> tool_ids;
  RawJson tool_rules{"[]"};  // array
  std::vector<std::string>
    block_ids;  // in the order of attachment; a deleted block may still be named
  std::vector<std::string> source_ids;
  std::vector<std::string> identity_ids;
  std::vector<std::string> tags;
  RawJson metadata;
  bool message_buffer_autoclear = false;  // each request sees the system prompt and itself alone
  std::optional<bool> enable_sleeptime;
  std::optional<std::int64_t> max_files_open;
  std::optional<std::int64_t> per_file_view_window_char_limit;  // characters
  std::string timezone = "UTC";                                 // IANA name
  std::optional<bool> hidden;
  std::optional<std::string> project_id;
  std::optional<std::string> template_id;
  std::optional<std::string> base_template_id;
  std::optional<std::string> deployment_id;
  std::optional<std::string> entity_id;
  std::optional<std::string> created_by_id;
  std::optional<std::string> last_updated_by_id;
  Timestamp created_at;
  Timestamp updated_at;

  static constexpr std::string_view type_name = "StoredAgent";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "id", &Agent::id),
      field(2, "org_id", &Agent::org_id),
      field(3, "name", &Agent::name),
      field(4, "description", &Agent::description),
      field(5, "agent_type", &Agent::agent_type),
      field(6, "system", &Agent::system),
      field(7, "model", &Agent::model),
      field(8, "llm_config", &Agent::llm_config),
      field(9, "model_settings", &Agent::model_settings),
      field(10, "embedding", &Agent::embedding),
      field(11, "embedding_config", &Agent::embedding_config),
      field(12, "compaction_settings", &Agent::compaction_settings),
      field(13, "response_format", &Agent::response_format),
      field(14, "tool_ids", &Agent::tool_ids),
      field(15, "tool_rules", &Agent::tool_rules),
      field(16, "block_ids", &Agent::block_ids),
      field(17, "source_ids", &Agent::source_ids),
      field(18, "identity_ids", &Agent::identity_ids),
      field(19, "tags", &Agent::tags),
      field(20, "metadata", &Agent::metadata),
      field(21, "message_buffer_autoclear", &Agent::message_buffer_autoclear),
      field(22, "enable_sleeptime", &Agent::enable_sleeptime),
      field(23, "max_files_open", &Agent::max_files_open),
      field(24, "per_file_view_window_char_limit", &Agent::per_file_view_window_char_limit),
      field(25, "timezone", &Agent::timezone),
      field(26, "hidden", &Agent::hidden),
      field(27, "project_id", &Agent::project_id),
      field(28, "template_id", &Agent::template_id),
      field(29, "base_template_id", &Agent::base_template_id),
      field(30, "deployment_id", &Agent::deployment_id),
      field(31, "entity_id", &Agent::entity_id),
      field(32, "created_by_id", &Agent::created_by_id),
      field(33, "last_updated_by_id", &Agent::last_updated_by_id),
      field(34, "created_at", &Agent::created_at),
      field(35, "updated_at", &Agent::updated_at),
    };
  }
  bool operator==(const Agent&) const = default;
};

}  // namespace reverie
