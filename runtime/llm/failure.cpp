#include "runtime/llm/failure.hpp"

#include "runtime/llm/json_access.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <span>
#include <string>

namespace reverie {

namespace {

// Enough for every vendor's error; a web page is longer.
constexpr std::size_t text_bytes_max = 4096;

constexpr std::array<std::string_view, 8> credit_texts{
  "insufficient_quota",          "insufficient credit",
  "requires more credits",       "add more credits",
  "exceeded your current quota", "exceeded your budget",
  "billing hard limit",          "can only afford",
};

constexpr std::array<std::string_view, 13> context_texts{
  "context_length_exceeded",
  "exceeds the context window",
  "maximum context length",
  "input tokens exceed the configured limit",
  "exceeds the maximum allowed input length",
  "prompt is too long",
  "exceed context limit",
  "exceeds context",
  "total text bytes",
  "request_too_large",
  "request exceeds the maximum size",
  "exceed_context_size",                 // llama.cpp
  "exceeds the available context size",  // llama.cpp
};

struct Code {
  std::string_view name;
  int status;
};

// What the type or code of an error in a stream would have been as a status.
constexpr std::array<Code, 16> codes{{
  {"overloaded_error", 529},
  {"rate_limit_error", 429},
  {"rate_limit_exceeded", 429},
  {"rate_limit_reached", 429},
  {"insufficient_quota", 402},
  {"billing_error", 402},
  {"authentication_error", 401},
  {"invalid_api_key", 401},
  {"permission_error", 403},
  {"not_found_error", 404},
  {"request_too_large", 413},
  {"context_length_exceeded", 400},
  {"invalid_request_error", 400},
  {"timeout_error", 504},
  {"api_error", 500},
  {"server_error", 500},
}};

bool holds_any(std::string_view text, std::span<const std::string_view> needles) {
  return std::any_of(needles.begin(), needles.end(), [&](std::string_view needle) {
    return text.find(needle) != std::string_view::npos;
  });
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// Cut between characters, so that what is left is UTF-8 still.
std::string_view clipped(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

bool is_status(std::int64_t number) {
  return number >= 400 && number <= 599;
}

int status_of_frame(std::string_view body) {
  const auto json = parsed(body);
  if (!json) return 0;
  const Json* error = member(*json, "error");
  const Json& holder = error && error->is_object() ? *error : *json;
  for (const char* name : {"code", "status", "status_code"})
    if (const auto number = int_member(holder, name); number && is_status(*number))
      return static_cast<int>(*number);
  for (const char* name : {"code", "type"})
    for (const Code& each : codes)
      if (text_member(holder, name) == each.name) return each.status;
  return 0;
}

bool is_web_page(std::string_view lower_text) {
  const auto first = lower_text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return false;
  const auto text = lower_text.substr(first);
  return text.starts_with("<!doctype") || text.starts_with("<html");
}

Errc code_of(int status, std::string_view text) {
  if (status == 402 || holds_any(text, credit_texts)) return Errc::llm_insufficient_credits;
  if (status == 401) return Errc::llm_authentication;
  if (status == 413 || (status != 429 && holds_any(text, context_texts)))
    return Errc::llm_context_window;
  if (status == 429) return Errc::llm_rate_limit;
  if (status == 529 || ((status == 0 || status >= 500) && text.find("overloaded") != text.npos))
    return Errc::llm_overloaded;
  if (status == 408 || status == 504) return Errc::llm_timeout;
  if (status == 499 || status == 502) return Errc::llm_connection;
  if (status == 403 || status == 404 || status == 422) return Errc::llm_server_error;
  if (status == 0 || status >= 500) return Errc::llm_server_error;
  return Errc::llm_bad_request;
}

// "1500", "1.5" or nothing. `unit_ms` is what 1 stands for.
std::optional<std::int64_t> duration_ms(std::string_view text, double unit_ms) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr double day_ms = 86'400'000;
  if (code != std::errc{} || end != text.data() + text.size() || !(value >= 0)) return std::nullopt;
  return static_cast<std::int64_t>(std::min(value * unit_ms, day_ms));
}

}  // namespace

LlmFailure llm_failure(int status, std::string_view body) {
  const std::string_view shown = clipped(body, text_bytes_max);
  const std::string text = lower(shown);
  if (status == 0) status = status_of_frame(body);
  LlmFailure failure{{code_of(status, text), "", ""}, status};
  std::string& message = failure.error.message;
  message =
    status == 0 ? "Error in the stream - " : "Error code: " + std::to_string(status) + " - ";
  if (status < 500 && is_web_page(text))
    message += "the endpoint is misconfigured: it answers with a web page, check its base URL";
  else if (status >= 300 && status < 400)
    message += "the endpoint is misconfigured: it redirects, check its base URL";
  else
    message += shown.empty() ? "no text" : shown;
  return failure;
}

LlmFailure llm_failure(const HttpResult& answer) {
  LlmFailure failure = llm_failure(answer.status, answer.body);
  failure.retry_after_ms = duration_ms(answer.header("retry-after-ms"), 1);
  if (!failure.retry_after_ms)
    failure.retry_after_ms = duration_ms(answer.header("retry-after"), 1000);
  failure.is_final = answer.header("x-should-retry") == "false";
  return failure;
}

Error not_json(std::string_view answer) {
  constexpr std::size_t shown_bytes_max = 200;
  return {Errc::llm_server_error,
          "the provider's answer is no JSON: " + std::string(clipped(answer, shown_bytes_max)), ""};
}

Error broken_off() {
  return {Errc::llm_connection, "Connection error: the stream broke off before its end", ""};
}

}  // namespace reverie
