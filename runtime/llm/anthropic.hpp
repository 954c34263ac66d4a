// The messages dialect of Anthropic. No I/O. Every request asks for a stream: the vendor wants it
// of long answers, and nobody knows before how long one gets.

#pragma once

#include "config/random.hpp"
#include "runtime/llm/call_ids.hpp"
#include "runtime/llm/provider.hpp"
#include "runtime/sse_reader.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace reverie::anthropic {

std::string request_body(const LlmRequest& request);

// The value of the header anthropic-beta for this request; empty: the header is left out.
std::string beta_features(const LlmRequest& request);

// Reads the events of a stream. One for each stream.
class StreamParser {
 public:
  explicit StreamParser(Random& random) : ids_(random) {}

  // Errors: llm_server_error (no JSON), what an error event says.
  Status feed(const SseEvent& event, const OnDelta& on_delta);
  bool is_done() const { return is_done_; }
  // After the last event. Errors: llm_connection (cut short).
  Result<Completion> finish(const OnDelta& on_delta);

 private:
  // Where a block of the answer goes: `slot` is its place among the thoughts or the calls.
  enum class BlockKind : std::uint8_t { text, thinking, call, other };
  struct Block {
    BlockKind kind = BlockKind::other;
    std::size_t slot = 0;
  };

  friend Result<Completion> parse_completion(std::string_view body, Random& random);

  void on_message(const nlohmann::json& message);
  void on_stop_reason(std::string_view reason);
  void on_usage(const nlohmann::json& usage);
  void on_block_start(std::int64_t index, const nlohmann::json& block, const OnDelta& on_delta);
  void on_block_delta(std::int64_t index, const nlohmann::json& delta, const OnDelta& on_delta);
  void on_block_stop(std::int64_t index, const OnDelta& on_delta);
  void add_text(std::string_view text, const OnDelta& on_delta);
  void add_thought(std::size_t slot, std::string_view text, const OnDelta& on_delta);
  void add_arguments(std::size_t slot, std::string arguments, const OnDelta& on_delta);

  CallIds ids_;
  Completion completion_;
  std::map<std::int64_t, Block> blocks_;  // by the vendor's index
  std::int64_t input_tokens_ = 0;         // neither read from the cache nor written to it
  bool has_stop_reason_ = false;
  bool is_done_ = false;
};

// A whole answer, from a host that does not stream. Ids that it left out, or gave twice, come from
// `random`. Errors: llm_server_error (no JSON),
// llm_empty_response (no content), the error that it holds.
Result<Completion> parse_completion(std::string_view body, Random& random);

}  // namespace reverie::anthropic
