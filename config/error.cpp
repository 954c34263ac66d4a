#include "config/error.hpp"

namespace reverie {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::invalid_argument: return "invalid_argument";
    case Errc::not_found: return "not_found";
    case Errc::conflict: return "conflict";
    case Errc::unavailable: return "unavailable";
    case Errc::timeout: return "timeout";
    case Errc::upstream: return "upstream";
    case Errc::corruption: return "corruption";
    case Errc::internal: return "internal";
    case Errc::bad_request: return "bad_request";
    case Errc::not_built: return "not_built";
    case Errc::too_many: return "too_many";
    case Errc::unauthenticated: return "unauthenticated";
    case Errc::pending_approval: return "pending_approval";
    case Errc::gone: return "gone";
    case Errc::agent_paused: return "agent_paused";
    case Errc::mcp_unavailable: return "mcp_unavailable";
    case Errc::mcp_timeout: return "mcp_timeout";
    case Errc::mcp_connection: return "mcp_connection";
    case Errc::llm_rate_limit: return "llm_rate_limit";
    case Errc::llm_authentication: return "llm_authentication";
    case Errc::llm_insufficient_credits: return "llm_insufficient_credits";
    case Errc::llm_bad_request: return "llm_bad_request";
    case Errc::llm_context_window: return "llm_context_window";
    case Errc::llm_overloaded: return "llm_overloaded";
    case Errc::llm_server_error: return "llm_server_error";
    case Errc::llm_empty_response: return "llm_empty_response";
    case Errc::llm_timeout: return "llm_timeout";
    case Errc::llm_connection: return "llm_connection";
    case Errc::llm_cancelled: return "llm_cancelled";
  }
  return "unknown";  // a newer node may send a code that we do not know yet
}

Error Error::in(std::string_view outer) && {
  if (!where.empty()) where.insert(0, ".");
  where.insert(0, outer);
  return std::move(*this);
}

}  // namespace reverie
