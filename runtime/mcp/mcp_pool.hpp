// The sessions with MCP servers: opened when one is asked for, shared by all calls to the same
// endpoint, closed when nobody has used them for a while, opened again when they break.

#pragma once

#include "config/settings.hpp"
#include "runtime/http_client.hpp"
#include "runtime/mcp/mcp_client.hpp"
#include "runtime/sandbox/level_watch.hpp"

#include <memory>

namespace reverie {

// `http`, the settings and `level` outlive it. Its destruction ends all sessions, with the
// processes of those over stdio; what is under way returns an error. Errors: invalid_argument:
// mcp.allowed_networks.
Result<std::unique_ptr<McpClient>> start_mcp_pool(HttpClient& http, const McpSettings& settings,
                                                  const SandboxSettings& sandbox,
                                                  const LevelWatch* level);

}  // namespace reverie
