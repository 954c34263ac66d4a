#pragma once

#include "config/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// What a request asked of its run beside its messages.
struct RunOptions {
  std::string user_id;
  std::int64_t steps_max = 50;
  std::optional<std::string> override_model;
  std::optional<std::string> override_system;
  bool streams = false;         // the client listens to a stream
  bool streams_tokens = false;  // to the pieces of answers, not to whole messages
  bool has_pings = true;
  std::optional<std::vector<std::string>> message_types;  // that the client wants to see
  bool use_assistant_message = true;
  std::string assistant_tool_name = "send_message";
  std::string assistant_tool_kwarg = "message";
  bool shows_compactions = false;  // as messages of their own
  RawJson client_tools;            // as they were sent
  RawJson client_skills;
  bool return_logprobs = false;
  std::optional<std::int64_t> top_logprobs;
  bool background = false;  // its stream is kept, for clients that come back

  static constexpr std::string_view type_name = "RunOptions";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "user_id", &RunOptions::user_id),
      field(2, "steps_max", &RunOptions::steps_max),
      field(3, "override_model", &RunOptions::override_model),
      field(4, "override_system", &RunOptions::override_system),
      field(5, "streams", &RunOptions::streams),
      field(6, "streams_tokens", &RunOptions::streams_tokens),
      field(7, "has_pings", &RunOptions::has_pings),
      field(8, "message_types", &RunOptions::message_types),
      field(9, "use_assistant_message", &RunOptions::use_assistant_message),
      field(10, "assistant_tool_name", &RunOptions::assistant_tool_name),
      field(11, "assistant_tool_kwarg", &RunOptions::assistant_tool_kwarg),
      field(12, "shows_compactions", &RunOptions::shows_compactions),
      field(13, "client_tools", &RunOptions::client_tools),
      field(14, "client_skills", &RunOptions::client_skills),
      field(15, "return_logprobs", &RunOptions::return_logprobs),
      field(16, "top_logprobs", &RunOptions::top_logprobs),
      field(17, "background", &RunOptions::background),
    };
  }
  bool operator==(const RunOptions&) const = default;
};

}  // namespace reverie
