// What a failed model call is called: in the run, in its step, and in the stream of its client.

#pragma once

#include "config/error.hpp"

#include <string_view>

namespace reverie {

struct RunFailure {
  std::string_view stop_reason;  // of run and step
  std::string_view step_type;    // Step::error_type: LLMRateLimitError, ...
  std::string_view stream_type;  // error_type of the stream's error event: llm_rate_limit, ...
};

RunFailure run_failure(Errc code);

}  // namespace reverie
