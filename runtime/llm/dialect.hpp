// The dialects behind one set of functions: which one a provider speaks is a value.

#pragma once

#include "runtime/http_client.hpp"
#include "runtime/llm/anthropic.hpp"
#include "runtime/llm/openai.hpp"
#include "runtime/llm/provider.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace reverie {

enum class Dialect : std::uint8_t { openai, anthropic };

// Where a provider is and how to speak to it.
struct Endpoint {
  std::string name = {};  // in the registry; `where` of its errors
  // As on the wire of our API: openai, groq, ollama, vllm, ...; picks the vendor's quirks.
  std::string type = {};
  std::string base_url = {};             // up to and without /chat/completions or /messages
  std::string api_key = {};              // empty: none is sent; never logged, never in an error
  std::vector<HttpHeader> headers = {};  // sent with every call
};

// True when the answer is asked for as a stream, whether or not the caller wants deltas.
bool is_streamed(Dialect dialect, const LlmRequest& request);

// The request as it goes out, without its times.
HttpCall http_call(Dialect dialect, const Endpoint& endpoint, const LlmRequest& request);

using AnyStreamParser = std::variant<openai::StreamParser, anthropic::StreamParser>;
AnyStreamParser stream_parser(Dialect dialect, Random& random);

Result<Completion> parse_completion(Dialect dialect, std::string_view body, Random& random);

}  // namespace reverie
