// The chat completions dialect, of OpenAI and of the many hosts that speak it. No I/O.

#pragma once

#include "config/random.hpp"
#include "runtime/llm/call_ids.hpp"
#include "runtime/llm/provider.hpp"
#include "runtime/sse_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace reverie::openai {

// How a host is asked to think.
enum class ReasoningStyle : std::uint8_t { none, effort, openrouter, zai };

// Where hosts differ from each other, and from OpenAI itself, which is the default.
struct Quirks {
  bool uses_max_completion_tokens = true;  // else max_tokens
  bool has_developer_role = true;          // for reasoning models, instead of system
  bool has_named_tool_choice = true;       // else a forced tool is "required"
  bool has_required_tool_choice = true;    // else "auto"
  bool has_strict_tools = true;
  bool has_parallel_tool_calls = true;
  bool has_user = true;
  bool has_stream_options = true;
  bool has_logprobs = true;
  bool has_cache_retention = false;  // api.openai.com only
  bool replays_reasoning = false;    // within a chain of tool calls
  ReasoningStyle reasoning = ReasoningStyle::effort;
};

// `provider_type` as on the wire of our API; unknown ones get what every host understands.
Quirks quirks_of(std::string_view provider_type, std::string_view base_url);

std::string request_body(const LlmRequest& request, const Quirks& quirks);

// A whole answer. Ids that the host left out, or gave twice, come from `random`.
// Errors: llm_server_error (no JSON), llm_empty_response (no choice), the error that it holds.
Result<Completion> parse_completion(std::string_view body, Random& random);

// How likely the host thought each token of an answer, put together from its pieces.
class Logprobs {
 public:
  // Of a choice, whole or a piece of one.
  void add(const nlohmann::json& choice);
  RawJson finish() &&;  // null when there were none

 private:
  static void append(std::string& list, const nlohmann::json& tokens);

  std::string content_;  // elements with commas between them
  std::string refusal_;
  bool has_any_ = false;
};

// Reads the events of a stream. One for each stream.
class StreamParser {
 public:
  explicit StreamParser(Random& random) : ids_(random) {}

  // Errors: llm_server_error (no JSON), what an error event says.
  Status feed(const SseEvent& event, const OnDelta& on_delta);
  bool is_done() const { return is_done_; }  // the host has said that this was all
  // After the last event. Errors: llm_connection (cut short), llm_empty_response (no choice).
  Result<Completion> finish(const OnDelta& on_delta);

 private:
  struct Call {
    ToolCall call;
    std::string host_id;      // empty: it gave none yet
    bool is_started = false;  // ToolCallStart was handed on
  };

  void on_choice(const nlohmann::json& choice, const OnDelta& on_delta);
  void on_tool_call(const nlohmann::json& fragment, const OnDelta& on_delta);
  std::size_t slot_of(const nlohmann::json& fragment);
  void start(std::size_t slot, const OnDelta& on_delta);

  CallIds ids_;
  Completion completion_;
  Logprobs logprobs_;
  std::vector<Call> calls_;
  std::map<std::int64_t, std::size_t> slots_;  // the host's index -> the newest call of it
  bool has_choice_ = false;
  bool has_finish_ = false;
  bool is_done_ = false;
};

}  // namespace reverie::openai
