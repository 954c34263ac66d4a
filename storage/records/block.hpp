#pragma once

#include "config/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// A labelled piece of core memory, shown in the system prompt of the agents that hold it.
struct Block {
  std::string id;  // "block-<uuid>"
  std::string org_id;
  std::string label;
  std::string value;
  // Characters (Unicode code points), not bytes. Advice: the API and the tools store what they
  // are given, the model is shown the number. 100'000: the API's contract.
  std::int64_t limit = 100'000;
  std::optional<std::string> description;
  bool read_only = false;
  RawJson metadata{"{}"};
  std::vector<std::string> tags;
  std::optional<bool> hidden;
  bool is_template = false;
  std::optional<std::string> template_name;
  std::optional<std::string> template_id;
  std::optional<std::string> base_template_id;
  std::optional<std::string> entity_id;
  std::optional<std::string> deployment_id;
  std::optional<std::string> project_id;
  std::optional<std::string> created_by_id;
  std::optional<std::string> last_updated_by_id;
  Timestamp created_at;
  Timestamp updated_at;

  static constexpr std::string_view type_name = "StoredBlock";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "id", &Block::id),
      field(2, "org_id", &Block::org_id),
      field(3, "label", &Block::label),
      field(4, "value", &Block::value),
      field(5, "limit", &Block::limit),
      field(6, "description", &Block::description),
      field(7, "read_only", &Block::read_only),
      field(8, "metadata", &Block::metadata),
      field(9, "tags", &Block::tags),
      field(10, "hidden", &Block::hidden),
      field(11, "is_template", &Block::is_template),
      field(12, "template_name", &Block::template_name),
      field(13, "template_id", &Block::template_id),
      field(14, "base_template_id", &Block::base_template_id),
      field(15, "entity_id", &Block::entity_id),
      field(16, "deployment_id", &Block::deployment_id),
      field(17, "project_id", &Block::project_id),
      field(18, "created_by_id", &Block::created_by_id),
      field(19, "last_updated_by_id", &Block::last_updated_by_id),
      field(20, "created_at", &Block::created_at),
      field(21, "updated_at", &Block::updated_at),
    };
  }
  bool operator==(const Block&) const = default;
};

}  // namespace reverie
