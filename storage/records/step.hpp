#pragma once

#include "config/json.hpp"
#include "storage/records/usage.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// One model call and the tools that it asked for.
struct Step {
  std::string id;  // "step-<uuid>"
  std::string org_id;
  std::string agent_id;
  std::string run_id;
  std::int64_t sequence_id = 0;    // 1.. in the agent, also the last part of its key
  std::string status = "success";  // success, failed, cancelled
  std::optional<std::string> stop_reason;
  std::string provider_name;
  std::string model;
  std::string model_handle;
  std::optional<std::string> model_endpoint;
  std::int64_t context_window_limit = 0;  // tokens
  Usage usage;
  std::optional<std::string> error_type;
  std::optional<std::string> error_message;
  std::optional<std::string> request_id;  // of the HTTP request
  std::optional<std::string> feedback;    // positive or negative
  std::vector<std::string> tags;
  std::optional<std::string> project_id;
  std::optional<std::string> tid;  // transaction id that a client set
  std::optional<std::int64_t> llm_request_ns;
  std::optional<std::int64_t> tool_execution_ns;
  std::optional<std::int64_t> step_ns;
  Timestamp created_at;

  static constexpr std::string_view type_name = "StoredStep";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "id", &Step::id),
      field(2, "org_id", &Step::org_id),
      field(3, "agent_id", &Step::agent_id),
      field(4, "run_id", &Step::run_id),
      field(5, "sequence_id", &Step::sequence_id),
      field(6, "status", &Step::status),
      field(7, "stop_reason", &Step::stop_reason),
      field(8, "provider_name", &Step::provider_name),
      field(9, "model", &Step::model),
      field(10, "model_handle", &Step::model_handle),
      field(11, "model_endpoint", &Step::model_endpoint),
      field(12, "context_window_limit", &Step::context_window_limit),
      field(13, "usage", &Step::usage),
      field(14, "error_type", &Step::error_type),
      field(15, "error_message", &Step::error_message),
      field(16, "request_id", &Step::request_id),
      field(17, "feedback", &Step::feedback),
      field(18, "tags", &Step::tags),
      field(19, "project_id", &Step::project_id),
      field(20, "tid", &Step::tid),
      field(21, "llm_request_ns", &Step::llm_request_ns),
      field(22, "tool_execution_ns", &Step::tool_execution_ns),
      field(23, "step_ns", &Step::step_ns),
      field(24, "created_at", &Step::created_at),
    };
  }
  bool operator==(const Step&) const = default;
};

}  // namespace reverie
