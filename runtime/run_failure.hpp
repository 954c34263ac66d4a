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

// The same, and apart from it what no compaction can help: a context of which the part that is
// always there does not fit the window (Errc::llm_context_window at `fixed_part`).
RunFailure run_failure(const Error& error);
inline constexpr std::string_view fixed_part = "llm/system_prompt";

}  // namespace reverie
