// What clients see of an Error: one row per code.

#include "config/json_text.hpp"
#include "config/log_line.hpp"
#include "net/http.hpp"

namespace reverie {

namespace {

// A model provider's failure, in the words that clients of this API know.
struct ProviderFailure {
  std::string_view type;     // error.type
  std::string_view message;  // error.message
  std::string_view code;     // in front of error.detail
};

ProviderFailure provider_failure(Errc code) {
  switch (code) {
    case Errc::llm_rate_limit:
      return {"llm_rate_limit",
              "Rate limit exceeded for LLM model provider. Please wait before making another "
              "request.",
              "RATE_LIMIT_EXCEEDED"};
    case Errc::llm_authentication:
      return {"llm_authentication", "Authentication failed with the LLM model provider.",
              "UNAUTHENTICATED"};
    case Errc::llm_insufficient_credits:
      return {"llm_insufficient_credits", "Insufficient credits with the LLM model provider.",
              "PAYMENT_REQUIRED"};
    case Errc::llm_bad_request:
      return {"llm_bad_request", "The request to the LLM model provider was invalid.",
              "INVALID_ARGUMENT"};
    case Errc::llm_timeout:
      return {"llm_timeout", "The LLM request timed out. Please try again.", "TIMEOUT"};
    default:
      return {"llm_error", "An error occurred with the LLM request.", "INTERNAL_SERVER_ERROR"};
  }
}

bool is_provider_failure(Errc code) {
  return code >= Errc::llm_rate_limit && code <= Errc::llm_cancelled
         && code != Errc::llm_context_window;
}

// Texts that name a code ("CONFLICT: …") keep their own.
bool has_code(std::string_view message) {
  const auto colon = message.find(": ");
  return colon != std::string_view::npos && colon > 0
         && message.substr(0, colon).find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_")
              == std::string_view::npos;
}

std::string with_code(std::string_view code, std::string_view message) {
  if (has_code(message)) return std::string(message);
  return std::string(code) + ": " + std::string(message);
}

HttpResponse provider_response(const Error& error) {
  const ProviderFailure failure = provider_failure(error.code);
  std::string body = R"({"error":{"type":)";
  append_json_string(body, failure.type);
  body += R"(,"message":)";
  append_json_string(body, failure.message);
  body += R"(,"detail":)";
  append_json_string(body, with_code(failure.code, error.message));
  body += "}}";
  return {http_status(error.code), std::move(body)};
}

// A busy conversation's answer names the run in its text; clients read it from the body too.
std::string conflict_body(std::string_view message) {
  std::string body = R"({"detail":)";
  append_json_string(body, message);
  constexpr std::string_view marker = "run_id=";
  if (const auto at = message.find(marker); at != std::string_view::npos) {
    const auto rest = message.substr(at + marker.size());
    body += R"(,"run_id":)";
    append_json_string(body, rest.substr(0, rest.find_first_of(") ,")));
  }
  body += '}';
  return body;
}

// The shape in which clients look for the message that has to be answered first.
std::string pending_approval_body(const Error& error) {
  std::string body = R"({"detail":{"code":"PENDING_APPROVAL","message":)";
  append_json_string(body, error.message);
  body += R"(,"pending_request_id":)";
  append_json_string(body, error.where);
  return body + "}}";
}

// As above, of an agent that somebody has to resume.
std::string agent_paused_body(const Error& error) {
  std::string body = R"({"detail":{"code":"AGENT_PAUSED","message":)";
  append_json_string(body, error.message);
  body += R"(,"paused_at":)";
  append_json_string(body, error.where);
  return body + "}}";
}

// The shape in which clients look for an MCP server that is down.
std::string mcp_unavailable_body(const Error& error) {
  std::string body = R"({"detail":{"code":"MCPServerUnavailable","message":)";
  append_json_string(body, error.message);
  return body + "}}";
}

std::string mcp_connection_body(const Error& error) {
  std::string body = R"({"error":{"type":"mcp_connection_error","message":)";
  append_json_string(body, "Failed to connect to the MCP server.");
  body += R"(,"detail":)";
  append_json_string(body, error.message);
  return body + "}}";
}

// Whether a client's own retry could only repeat the failure: what is not built stays so, the
// server has tried the model again by itself, an approval and a paused agent need a person.
bool is_final(const Error& error) {
  if (error.code == Errc::not_built || is_provider_failure(error.code)
      || error.code == Errc::llm_context_window)
    return true;
  return error.code == Errc::pending_approval || error.code == Errc::agent_paused;
}

HttpResponse body_of(const Error& error) {
  if (is_provider_failure(error.code)) return provider_response(error);
  switch (error.code) {
    case Errc::invalid_argument:
      return validation_response(error.where.empty() ? error.message
                                                     : error.where + ": " + error.message);
    case Errc::conflict: return {409, conflict_body(error.message)};
    case Errc::pending_approval: return {409, pending_approval_body(error)};
    case Errc::agent_paused: return {409, agent_paused_body(error)};
    case Errc::mcp_unavailable: return {404, mcp_unavailable_body(error)};
    case Errc::mcp_connection: return {502, mcp_connection_body(error)};
    case Errc::llm_context_window:
      return detail_response(400, with_code("CONTEXT_WINDOW_EXCEEDED", error.message));
    case Errc::corruption:
      log_error("http: stored data is damaged where={} message={}", error.where, error.message);
      return detail_response(500, "A database error occurred.");
    case Errc::internal:
      log_error("http: internal error where={} message={}", error.where, error.message);
      return detail_response(500, "An unknown error occurred");
    case Errc::unauthenticated: return detail_response(401, "Unauthorized");
    default: return detail_response(http_status(error.code), error.message);
  }
}

}  // namespace

int http_status(Errc code) {
  switch (code) {
    case Errc::invalid_argument: return 422;
    case Errc::bad_request: return 400;
    case Errc::unauthenticated: return 401;
    case Errc::mcp_unavailable:
    case Errc::not_found: return 404;
    case Errc::mcp_timeout: return 408;
    case Errc::conflict:
    case Errc::agent_paused:
    case Errc::pending_approval: return 409;
    case Errc::gone: return 410;
    case Errc::too_many: return 429;
    case Errc::not_built: return 501;
    case Errc::mcp_connection:
    case Errc::upstream: return 502;
    case Errc::unavailable: return 503;
    case Errc::timeout: return 504;
    case Errc::corruption:
    case Errc::internal: return 500;
    case Errc::llm_bad_request:
    case Errc::llm_context_window: return 400;
    case Errc::llm_authentication: return 401;
    case Errc::llm_insufficient_credits: return 402;
    case Errc::llm_rate_limit: return 429;
    case Errc::llm_overloaded: return 503;
    case Errc::llm_timeout: return 504;
    case Errc::llm_server_error:
    case Errc::llm_empty_response:
    case Errc::llm_connection:
    case Errc::llm_cancelled: return 500;
  }
  return 500;  // a newer node may send a code that we do not know yet
}

HttpResponse error_response(const Error& error) {
  HttpResponse response = body_of(error);
  if (is_final(error)) response.headers.add("x-should-retry", "false");
  if (error.code == Errc::too_many) response.headers.add("retry-after", "1");
  return response;
}

HttpResponse detail_response(int status, std::string_view detail) {
  std::string body = R"({"detail":)";
  append_json_string(body, detail);
  body += '}';
  return {status, std::move(body)};
}

HttpResponse validation_response(std::string_view detail, std::string_view example) {
  std::string body = R"({"trace_id":"","detail":)";
  append_json_string(body, detail);
  if (!example.empty()) {
    body += R"(,"examples":[)";
    append_json_string(body, example);
    body += ']';
  }
  body += '}';
  return {422, std::move(body)};
}

}  // namespace reverie
