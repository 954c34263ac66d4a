#include "runtime/run_failure.hpp"

namespace reverie {

RunFailure run_failure(Errc code) {
  constexpr std::string_view api = "llm_api_error";
  switch (code) {
    case Errc::llm_rate_limit: return {api, "LLMRateLimitError", "llm_rate_limit"};
    case Errc::llm_authentication: return {api, "LLMAuthenticationError", "llm_authentication"};
    case Errc::llm_insufficient_credits:
      return {api, "LLMInsufficientCreditsError", "llm_insufficient_credits"};
    case Errc::llm_bad_request: return {api, "LLMBadRequestError", "llm_bad_request"};
    case Errc::llm_context_window:
      return {"error", "ContextWindowExceededError", "context_window_exceeded"};
    case Errc::llm_overloaded: return {api, "LLMProviderOverloaded", "llm_error"};
    case Errc::llm_server_error: return {api, "LLMServerError", "llm_error"};
    case Errc::llm_connection: return {api, "LLMConnectionError", "llm_error"};
    case Errc::llm_timeout: return {api, "LLMTimeoutError", "llm_timeout"};
    case Errc::llm_empty_response:
      return {"invalid_llm_response", "LLMEmptyResponseError", "llm_empty_response"};
    case Errc::llm_cancelled: return {"cancelled", "Cancelled", "stream_task_cancelled"};
    default: return {"error", "InternalError", "internal_error"};
  }
}

RunFailure run_failure(const Error& error) {
  RunFailure failure = run_failure(error.code);
  if (error.code == Errc::llm_context_window && error.where == fixed_part)
    failure.stop_reason = "context_window_overflow_in_system_prompt";
  return failure;
}

}  // namespace reverie
