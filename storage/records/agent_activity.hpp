#pragma once

#include "config/json.hpp"
#include "storage/records/token_count.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// What changes while an agent runs. Its own record, so that a message does not rewrite the prompt.
struct AgentActivity {
  std::string agent_id;
  std::string org_id;
  std::int64_t messages_count =
    0;  // also the sequence number of the newest message: they are 1, 2, 3, ...
  std::int64_t runs_count = 0;   // likewise of its newest run
  std::int64_t steps_count = 0;  // likewise of its newest step
  std::optional<std::string> last_stop_reason;
  std::optional<Timestamp> last_run_completion;
  std::optional<std::int64_t> last_run_duration_ms;
  std::optional<std::string> last_run_id;  // the newest run, ended or not
  Timestamp last_message_at;               // times of messages never go back
  std::string
    prompt_digest;  // of what the stored system message was made from; empty: make it again
  std::vector<TokenCount> token_counts;  // of the models that were asked last, newest first
  std::int64_t open_runs = 0;            // that are accepted and have not ended
  std::optional<Timestamp> paused_at;    // set: it takes no messages

  static constexpr std::string_view type_name = "AgentActivity";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "messages_count", &AgentActivity::messages_count),
      field(2, "runs_count", &AgentActivity::runs_count),
      field(3, "steps_count", &AgentActivity::steps_count),
      field(4, "last_stop_reason", &AgentActivity::last_stop_reason),
      field(5, "last_run_completion", &AgentActivity::last_run_completion),
      field(6, "last_run_duration_ms", &AgentActivity::last_run_duration_ms),
      field(7, "last_run_id", &AgentActivity::last_run_id),
      field(8, "last_message_at", &AgentActivity::last_message_at),
      field(9, "prompt_digest", &AgentActivity::prompt_digest),
      field(10, "agent_id", &AgentActivity::agent_id),
      field(11, "org_id", &AgentActivity::org_id),
      // 12, 13: the one count of an agent, whatever its model; not read any more
      field(14, "open_runs", &AgentActivity::open_runs),
      field(15, "paused_at", &AgentActivity::paused_at),
      field(16, "token_counts", &AgentActivity::token_counts),
    };
  }
  bool operator==(const AgentActivity&) const = default;
};

}  // namespace reverie
