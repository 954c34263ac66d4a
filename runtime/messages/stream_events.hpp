// The events of a run's stream, each as JSON text (without the frame of SSE).

#pragma once

#include "config/clock.hpp"
#include "runtime/llm/provider.hpp"
#include "runtime/messages/api_messages.hpp"
#include "storage/records/usage.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

std::string ping_event(std::string_view ping_id, std::string_view run_id, Timestamp now);
std::string stop_reason_event(std::string_view stop_reason);

// `context_tokens`: after the last call. Also the `usage` of a blocking answer.
std::string usage_event(const Usage& usage, std::int64_t steps_count,
                        const std::optional<std::int64_t>& context_tokens);

// `type` is for programs (llm_rate_limit, ...), `message` for people, `detail` what the cause said.
std::string error_event(std::string_view run_id, std::string_view type, std::string_view message,
                        std::string_view detail);

// A thread is being made smaller: before its summary_message. `tokens`: estimated, of the request
// that would have been made.
std::string compaction_event(const MessageHead& head, std::string_view trigger, std::int64_t tokens,
                             std::int64_t context_window);

// The whole messages of a step: one event each. Messages of the loop to itself and input are not
// among them, summaries where the options show them.
void append_message_events(std::vector<std::string>& events, const Message& message,
                           const ApiMessageOptions& options);

// The event as a background reader sees it: its "seq_id" has the number instead of null.
std::string with_sequence_id(std::string event, std::int64_t sequence_id);

struct DeltaTarget {
  std::string message_id;  // that the answer will be stored under
  std::string step_id;
  std::string run_id;
  Timestamp date;
  // Whether a call of this tool waits for a decision: its pieces belong to the message that asks.
  std::function<bool(std::string_view tool_name)> needs_decision = {};
};

// The pieces of one answer of a model as events. Every event repeats the ids and carries the piece
// alone; the index in the otid grows when the kind of piece changes, as in the stored form.
class DeltaRenderer {
 public:
  DeltaRenderer(DeltaTarget target, ApiMessageOptions options);

  // Appends zero or more events.
  void add(const LlmDelta& delta, std::vector<std::string>& events);

  // What was held back: a call that is shown as its text is sent when it is complete.
  void finish(std::vector<std::string>& events);

 private:
  enum class Kind : std::uint8_t { none, thought, text, call, speech };
  struct Call {
    std::size_t index = 0;
    std::string id;
    std::string name;
    std::string held_arguments;  // of a call that is shown as text
    bool is_held = false;
    bool needs_decision = false;
  };

  void add_text(Kind kind, std::string_view text, std::vector<std::string>& events);
  void start_call(const ToolCallStart& start, std::vector<std::string>& events);
  void add_arguments(const ToolCallDelta& delta, std::vector<std::string>& events);
  void add_call_piece(const Call& call, std::string_view name, std::string_view arguments,
                      std::vector<std::string>& events);
  void release_held(std::vector<std::string>& events);
  std::optional<std::string> open(Kind kind, MessageType type);
  void add_request_piece(const Call& call, std::string_view name, std::string_view arguments,
                         std::vector<std::string>& events);
  std::string head_of(MessageType type, std::string_view id, std::string_view otid) const;

  DeltaTarget target_;
  ApiMessageOptions options_;
  std::string date_;
  std::vector<Call> calls_;
  std::size_t otid_index_ = 0;
  Kind last_kind_ = Kind::none;
};

}  // namespace reverie
