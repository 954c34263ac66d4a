#pragma once

#include "config/json.hpp"
#include "storage/records/usage.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// One request to an agent, from its acceptance to its end.
struct Run {
  std::string id;  // "run-<uuid>"
  std::string org_id;
  std::string agent_id;
  std::int64_t sequence_id = 0;  // 1.. in the agent, also the last part of its key
  std::optional<std::string> conversation_id;
  std::string status = "created";  // created, running, completed, failed, cancelled
  std::optional<std::string> stop_reason;
  bool background = false;
  std::string run_type;  // send_message, send_message_streaming, ...
  RawJson request_config;
  std::optional<std::string> callback_url;
  std::optional<Timestamp> callback_sent_at;         // when the last attempt ended
  std::optional<std::int64_t> callback_status_code;  // what it was answered
  std::optional<std::string> callback_error;         // why it counts as failed
  std::optional<std::string> error_type;             // of a failed run: llm_rate_limit, ...
  std::optional<std::string> error_message;
  Timestamp created_at;
  std::optional<Timestamp> completed_at;
  std::int64_t first_message = 0;  // sequence number of its first message; its last is in the same
  std::int64_t last_message = 0;   // range, which other conversations' messages may share
  std::int64_t steps_count = 0;
  Usage usage;
  std::optional<std::int64_t> context_tokens;  // after the last model call
  std::vector<std::string> tools_used;         // ids
  std::string http_request_id;                 // of the request that started it, for logs
  std::optional<std::int64_t> ttft_ns;         // to the first piece of the first answer
  std::optional<std::int64_t> total_duration_ns;

  static constexpr std::string_view type_name = "StoredRun";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "id", &Run::id),
      field(2, "org_id", &Run::org_id),
      field(3, "agent_id", &Run::agent_id),
      field(4, "sequence_id", &Run::sequence_id),
      field(5, "conversation_id", &Run::conversation_id),
      field(6, "status", &Run::status),
      field(7, "stop_reason", &Run::stop_reason),
      field(8, "background", &Run::background),
      field(9, "run_type", &Run::run_type),
      field(10, "request_config", &Run::request_config),
      field(11, "callback_url", &Run::callback_url),
      field(12, "error_type", &Run::error_type),
      field(13, "error_message", &Run::error_message),
      field(14, "created_at", &Run::created_at),
      field(15, "completed_at", &Run::completed_at),
      field(16, "steps_count", &Run::steps_count),
      field(17, "usage", &Run::usage),
      field(18, "context_tokens", &Run::context_tokens),
      field(19, "tools_used", &Run::tools_used),
      field(20, "ttft_ns", &Run::ttft_ns),
      field(21, "total_duration_ns", &Run::total_duration_ns),
      field(22, "first_message", &Run::first_message),
      field(23, "last_message", &Run::last_message),
      field(24, "http_request_id", &Run::http_request_id),
      field(31, "callback_sent_at", &Run::callback_sent_at),
      field(32, "callback_status_code", &Run::callback_status_code),
      field(33, "callback_error", &Run::callback_error),
    };
  }
  bool operator==(const Run&) const = default;
};

}  // namespace reverie
