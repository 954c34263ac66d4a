#include "runtime/mcp/mcp_tools.hpp"

#include "runtime/mcp/mcp_servers.hpp"
#include "runtime/sandbox/secret_mask.hpp"
#include "runtime/text.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace reverie {

namespace {

std::string_view mcp_failure_type(Errc code) {
  switch (code) {
    case Errc::mcp_timeout: return "TimeoutError";
    case Errc::mcp_connection: return "ConnectionError";
    case Errc::llm_cancelled: return "CancelledError";
    case Errc::upstream: return "ToolError";
    case Errc::invalid_argument: return "ValueError";
    default: return "RuntimeError";
  }
}

ToolOutcome mcp_failure_of(const std::string& tool_name, Error error) {
  return tool_error(tool_name, mcp_failure_type(error.code), std::move(error.message));
}

// What a header says that says nothing secret.
bool is_plain_header(const std::string& name) {
  constexpr std::array<std::string_view, 4> plain{"accept", "accept-language", "content-type",
                                                  "user-agent"};
  return std::find(plain.begin(), plain.end(), lower_ascii(name)) != plain.end();
}

std::vector<std::string> masked_values(const ExternalCall& call, const McpSecrets& secrets,
                                       const McpEndpoint& endpoint) {
  std::vector<std::string> values;
  for (const auto& [name, value] : call.secrets) values.push_back(value);
  for (const HttpHeader& header : endpoint.headers)
    if (!is_plain_header(header.name)) values.push_back(header.value);
  for (const auto& [name, value] : endpoint.env) values.push_back(value);
  values.push_back(secrets.auth_token);
  return values;
}

}  // namespace

bool McpTools::runs(const Tool& tool) const {
  return tool.custom && tool.custom->mcp && tool.custom->tool_type == "external_mcp";
}

bool McpTools::is_repeatable(const Tool& tool) const {
  return tool.custom && tool.custom->mcp && tool.custom->mcp->is_repeatable;
}

void McpTools::run(ExternalCall call, OnOutcome on_outcome) {
  const std::string name = call.tool->name;
  const McpToolOrigin& origin = *call.tool->custom->mcp;
  auto server = find_mcp_server(store_, call.org_id, origin.server_id);
  if (!server) return on_outcome(mcp_failure_of(name, std::move(server).error()));
  auto secrets = open_mcp_secrets(server->value, secrets_);
  if (!secrets) return on_outcome(mcp_failure_of(name, std::move(secrets).error()));
  std::map<std::string, std::string> variables = call.secrets;
  variables.insert(call.variables.begin(), call.variables.end());
  auto endpoint = mcp_endpoint(server->value, *secrets, variables, true);
  if (!endpoint) return on_outcome(mcp_failure_of(name, std::move(endpoint).error()));
  const auto mask = std::make_shared<const SecretMask>(masked_values(call, *secrets, *endpoint));
  McpCall out;
  out.id = call.id;
  out.tool_name = origin.tool_name;
  out.arguments = std::move(call.arguments);
  out.time_ms = std::clamp<std::int64_t>(call.time_max.count(), 1, settings_.call_s * 1'000);
  if (!call.agent_id.empty()) out.headers.push_back({"X-Agent-Id", call.agent_id});
  client_.call_tool(*std::move(endpoint), std::move(out),
                    [name, mask, on_outcome = std::move(on_outcome)](Result<Json> result) {
                      ToolOutcome outcome = result
                                              ? outcome_of_mcp(name, *result)
                                              : mcp_failure_of(name, std::move(result).error());
                      outcome.text = mask->apply(std::move(outcome.text));
                      for (std::string& line : outcome.stderr_lines)
                        line = mask->apply(std::move(line));
                      on_outcome(std::move(outcome));
                    });
}

}  // namespace reverie
