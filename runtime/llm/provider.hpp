// What the agent loop needs from a language model, whoever serves it: a request and a
// stream of events. Each vendor's dialect is one file next to this one.

#pragma once

#include "config/error.hpp"
#include "config/raw_json.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace reverie {

// A call that the model made. `arguments` is JSON text as the model wrote it, perhaps broken.
struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;

  bool operator==(const ToolCall&) const = default;
};

// A picture, as every vendor takes it.
struct ChatImage {
  std::string media_type;  // "image/png", ...
  std::string data;        // base64
  std::string detail;      // how closely to look, in OpenAI's words; empty: not said

  bool operator==(const ChatImage&) const = default;
};

// What a tool gave back, in the order of the calls.
struct ToolResult {
  std::string tool_call_id;
  std::string text;
  bool is_error = false;
  std::vector<ChatImage> images = {};  // behind the text
};

// A thought of the model. `signature` or `redacted_data` are replayed to the model that made
// them and to no other.
struct Reasoning {
  std::string text;
  std::string signature;
  std::string redacted_data;  // not empty: the text was hidden by the vendor

  bool operator==(const Reasoning&) const = default;
};

enum class ChatRole : std::uint8_t { system, user, assistant, tool };

// A piece of a message: a text or a picture.
struct ChatPart {
  std::string text;
  std::optional<ChatImage> image;
};

// A message in the vendor-neutral form. An assistant message with calls is always followed by
// one tool message that holds the result of each of them.
struct ChatMessage {
  ChatRole role = ChatRole::user;
  std::string text;
  // user: text and pictures in their order, where there are pictures; `text` has the texts alone
  std::vector<ChatPart> parts;
  std::string name;                      // of the speaker, empty: none
  std::vector<Reasoning> reasoning;      // assistant
  std::vector<ToolCall> tool_calls;      // assistant
  std::vector<ToolResult> tool_results;  // tool
};

struct ToolSpec {
  std::string name;
  std::string description;
  RawJson parameters;  // a JSON Schema of type object
  // False for a schema that its author does not want to have tightened: a client's tool.
  bool may_be_strict = true;
};

enum class ToolChoice : std::uint8_t { none, automatic, required, named };

// A model as an agent is configured to call it.
struct ModelConfig {
  std::string provider;  // name in the registry, the part of the handle before the first slash
  std::string model;     // the vendor's name, the part behind it
  std::int64_t context_window = 0;  // tokens
  std::optional<std::int64_t> output_tokens_max;
  std::optional<double> temperature;
  std::optional<std::string> reasoning_effort;  // none, minimal, low, medium, high, xhigh, max
  std::optional<std::int64_t> thinking_budget;  // tokens, Anthropic
  bool reasoning_enabled = false;
  bool parallel_tool_calls = false;
  bool strict_tools = false;
  RawJson response_format;               // null: text
  std::optional<std::string> verbosity;  // low, medium, high
  std::optional<double> frequency_penalty;
  bool return_logprobs = false;
  std::optional<std::int64_t> top_logprobs;  // alternatives of each token
};

struct LlmRequest {
  ModelConfig model;
  std::vector<ChatMessage> messages;  // [0] is the system message
  std::vector<ToolSpec> tools;
  ToolChoice tool_choice = ToolChoice::automatic;
  std::string forced_tool;  // when tool_choice is named
  bool stream = false;      // whether deltas are wanted as they come
  std::string user;         // an id that the vendor may use to tell abuse, no secret
};

// Tokens of one call. Absent means not reported, 0 means reported as none.
struct LlmUsage {
  std::int64_t prompt_tokens = 0;  // all input, cached or not
  std::int64_t completion_tokens = 0;
  std::int64_t total_tokens = 0;
  std::optional<std::int64_t> cached_input_tokens;
  std::optional<std::int64_t> cache_write_tokens;
  std::optional<std::int64_t> reasoning_tokens;

  bool operator==(const LlmUsage&) const = default;
};

enum class FinishReason : std::uint8_t { stop, length, tool_calls, content_filter };

// What a whole answer adds up to. Complete when the call ended without an error.
struct Completion {
  std::string text;
  std::vector<Reasoning> reasoning;
  std::vector<ToolCall> tool_calls;
  FinishReason finish = FinishReason::stop;
  LlmUsage usage;
  std::string response_model;  // what the vendor says that it ran
  RawJson logprobs;            // {"content":[...],"refusal":...} where asked for and given
};

// Pieces of an answer, in the order in which they come. Only streams have them.
struct ReasoningDelta {
  std::string text;
};
struct TextDelta {
  std::string text;
};
struct ToolCallStart {
  std::size_t index = 0;  // of the call in this answer, 0..
  std::string id;
  std::string name;
};
struct ToolCallDelta {
  std::size_t index = 0;
  std::string arguments;  // the next piece of the JSON text
};
using LlmDelta = std::variant<ReasoningDelta, TextDelta, ToolCallStart, ToolCallDelta>;

using OnDelta = std::function<void(LlmDelta)>;
using OnCompletion = std::function<void(Result<Completion>)>;

// A call under way. `cancel` closes the transfer; OnCompletion is then called with
// llm_cancelled, or was called already. Thread-safe. Dropping the handle does not cancel.
class LlmCall {
 public:
  virtual ~LlmCall() = default;
  virtual void cancel() = 0;
};

// Thread-safe. `complete` returns at once; `on_delta` runs zero or more times, then
// `on_completion` exactly once, both on a thread of the provider: an actor's callbacks only
// send it a message. Retries (before the first delta only) happen inside.
// Errors: the llm_ codes of config/error.hpp; `message` keeps what the vendor said.
class Provider {
 public:
  virtual ~Provider() = default;
  virtual std::shared_ptr<LlmCall> complete(LlmRequest request, OnDelta on_delta,
                                            OnCompletion on_completion) = 0;
  // What `complete` would send: JSON, without the headers and so without any key.
  virtual std::string request_json(const LlmRequest& request) const = 0;
};

// A model that a provider offers.
struct ModelInfo {
  std::string handle;  // "<provider>/<model>"
  std::string name;    // the vendor's
  std::string display_name;
  std::string provider;             // the registry's name of it
  std::string provider_type;        // openai, anthropic, ollama, ... as on the wire of our API
  std::string endpoint;             // base URL, empty for built-in ones
  std::int64_t context_window = 0;  // tokens
  std::int64_t output_tokens_max = 0;
  bool is_embedding = false;
  std::int64_t embedding_dim = 0;

  bool operator==(const ModelInfo&) const = default;
};

}  // namespace reverie
