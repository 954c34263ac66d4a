#pragma once

#include "config/json.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// A value that an agent gives to its tools under a name, and that nobody else may read.
struct AgentSecret {
  std::string id;  // "agent-env-<uuid>"
  std::string org_id;
  std::string name;
  std::string sealed;  // the value, by SecretBox
  std::optional<std::string> description;
  std::optional<std::string> created_by_id;
  std::optional<std::string> last_updated_by_id;
  Timestamp created_at;
  Timestamp updated_at;

  static constexpr std::string_view type_name = "AgentSecret";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "id", &AgentSecret::id),
      field(2, "org_id", &AgentSecret::org_id),
      field(3, "name", &AgentSecret::name),
      field(4, "sealed", &AgentSecret::sealed),
      field(5, "description", &AgentSecret::description),
      field(6, "created_by_id", &AgentSecret::created_by_id),
      field(7, "last_updated_by_id", &AgentSecret::last_updated_by_id),
      field(8, "created_at", &AgentSecret::created_at),
      field(9, "updated_at", &AgentSecret::updated_at),
    };
  }
  bool operator==(const AgentSecret&) const = default;
};

}  // namespace reverie
