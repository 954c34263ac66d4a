#pragma once

#include "config/json.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// What a step has sent to its model, and what has come back. Never a header, so never a key.
struct ProviderTrace {
  std::string id;  // "provider_trace-<uuid>"
  std::string org_id;
  std::string user_id;
  std::string agent_id;
  std::string run_id;
  std::string step_id;
  RawJson request;   // an object
  RawJson response;  // an object
  Timestamp created_at;

  static constexpr std::string_view type_name = "StoredProviderTrace";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "id", &ProviderTrace::id),
      field(2, "org_id", &ProviderTrace::org_id),
      field(3, "user_id", &ProviderTrace::user_id),
      field(4, "agent_id", &ProviderTrace::agent_id),
      field(5, "run_id", &ProviderTrace::run_id),
      field(6, "step_id", &ProviderTrace::step_id),
      field(7, "request", &ProviderTrace::request),
      field(8, "response", &ProviderTrace::response),
      field(9, "created_at", &ProviderTrace::created_at),
    };
  }
  bool operator==(const ProviderTrace&) const = default;
};

}  // namespace reverie
