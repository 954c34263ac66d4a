#include "runtime/llm/dialect.hpp"

namespace reverie {

namespace {

std::string joined(std::string_view base_url, std::string_view path) {
  while (base_url.ends_with('/')) base_url.remove_suffix(1);
  return std::string(base_url) + std::string(path);
}

void add_openai(HttpCall& call, const Endpoint& endpoint, const LlmRequest& request) {
  call.url = joined(endpoint.base_url, "/chat/completions");
  if (!endpoint.api_key.empty())
    call.headers.push_back({"Authorization", "Bearer " + endpoint.api_key});
  call.body = openai::request_body(request, openai::quirks_of(endpoint.type, endpoint.base_url));
}

void add_anthropic(HttpCall& call, const Endpoint& endpoint, const LlmRequest& request) {
  call.url = joined(endpoint.base_url, "/messages");
  if (!endpoint.api_key.empty()) call.headers.push_back({"x-api-key", endpoint.api_key});
  call.headers.push_back({"anthropic-version", "2023-06-01"});
  if (auto features = anthropic::beta_features(request); !features.empty())
    call.headers.push_back({"anthropic-beta", std::move(features)});
  call.body = anthropic::request_body(request);
}

}  // namespace

bool is_streamed(Dialect dialect, const LlmRequest& request) {
  return dialect == Dialect::anthropic || request.stream;
}

HttpCall http_call(Dialect dialect, const Endpoint& endpoint, const LlmRequest& request) {
  HttpCall call;
  call.method = "POST";
  call.headers = {{"Content-Type", "application/json"}};
  if (is_streamed(dialect, request)) call.headers.push_back({"Accept", "text/event-stream"});
  if (dialect == Dialect::openai)
    add_openai(call, endpoint, request);
  else
    add_anthropic(call, endpoint, request);
  call.headers.insert(call.headers.end(), endpoint.headers.begin(), endpoint.headers.end());
  call.body.shrink_to_fit();  // it is kept until the answer has come
  return call;
}

AnyStreamParser stream_parser(Dialect dialect, Random& random) {
  if (dialect == Dialect::openai) return openai::StreamParser(random);
  return anthropic::StreamParser(random);
}

Result<Completion> parse_completion(Dialect dialect, std::string_view body, Random& random) {
  return dialect == Dialect::openai ? openai::parse_completion(body, random)
                                    : anthropic::parse_completion(body, random);
}

}  // namespace reverie
