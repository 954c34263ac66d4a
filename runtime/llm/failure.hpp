// What a vendor's failure is, whoever the vendor is: their error bodies differ less than their
// answers, and some hosts speak one dialect with the errors of another.

#pragma once

#include "config/error.hpp"
#include "runtime/http_client.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace reverie {

struct LlmFailure {
  Error error;
  int status = 0;  // of HTTP, or what the vendor's code in a stream stands for; 0: none
  std::optional<std::int64_t> retry_after_ms = std::nullopt;
  bool is_final = false;  // the vendor says that a retry is of no use
};

// `status` is 0 for an error in the middle of a stream. The message is `Error code: 429 - <body>`,
// the form in which clients look for the vendor's own words.
LlmFailure llm_failure(int status, std::string_view body);

// The same with what the headers say about trying again.
LlmFailure llm_failure(const HttpResult& answer);

// Answers that are none: llm_server_error, and llm_connection for a stream without its end.
Error not_json(std::string_view answer);
Error broken_off();

}  // namespace reverie
