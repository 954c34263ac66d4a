#include "config/settings/sections.hpp"

namespace reverie {

namespace {

template <auto Member>
constexpr auto mcp = option_at<&Settings::mcp, Member>();

}  // namespace

std::vector<Option> mcp_options() {
  return {
    {.name = "mcp.allowed_networks",
     .member = mcp<&McpSettings::allowed_networks>,
     .doc = "Networks beside the public internet in which MCP servers may be; never where clouds "
            "keep metadata.",
     .source = "tools of self-hosted servers are on the same network"},
    {.name = "mcp.connect_s",
     .member = mcp<&McpSettings::connect_s>,
     .unit = "s",
     .min = 1,
     .max = 600,
     .doc = "How long an MCP server may take to start and to introduce itself.",
     .source = "as the reference server",
     .aliases = {"MCP_CONNECT_TO_SERVER_TIMEOUT"}},
    {.name = "mcp.list_s",
     .member = mcp<&McpSettings::list_s>,
     .unit = "s",
     .min = 1,
     .max = 600,
     .doc = "How long an MCP server may take to list its tools.",
     .source = "as the reference server",
     .aliases = {"MCP_LIST_TOOLS_TIMEOUT"}},
    {.name = "mcp.call_s",
     .member = mcp<&McpSettings::call_s>,
     .unit = "s",
     .min = 1,
     .max = day_s,
     .doc = "How long a call of an MCP server's tool may take.",
     .source = "as the reference server",
     .aliases = {"MCP_EXECUTE_TOOL_TIMEOUT"}},
    {.name = "mcp.message_bytes_max",
     .member = mcp<&McpSettings::message_bytes_max>,
     .unit = "bytes",
     .min = kib,
     .max = gib,
     .doc = "The longest message that an MCP server may send; a longer one ends the session.",
     .source = "four times the largest return_char_limit of a tool"},
    {.name = "mcp.tools_max",
     .member = mcp<&McpSettings::tools_max>,
     .min = 1,
     .max = 10'000,
     .doc = "How many tools of one MCP server are taken; the rest of a longer list is left out.",
     .source = "models choose badly among more than a hundred"},
    {.name = "mcp.tool_bytes_max",
     .member = mcp<&McpSettings::tool_bytes_max>,
     .unit = "bytes",
     .min = kib,
     .max = 16 * mib,
     .doc = "The largest description and schema of one tool; a tool with a larger one is left out.",
     .source = "the largest in use have some 20 KiB"},
    {.name = "mcp.servers_max",
     .member = mcp<&McpSettings::servers_max>,
     .min = 1,
     .max = 100'000,
     .doc = "How many MCP servers an organisation may have.",
     .source = "all of them are listed at once"},
    {.name = "mcp.sessions_max",
     .member = mcp<&McpSettings::sessions_max>,
     .min = 1,
     .max = 100'000,
     .doc = "Sessions with MCP servers that are open at once; the one that is longest unused goes "
            "for a new one.",
     .source = "one over stdio is a process of some 50 MiB"},
    {.name = "mcp.calls_max",
     .member = mcp<&McpSettings::calls_max>,
     .min = 1,
     .max = 1'000'000,
     .doc = "Calls of MCP servers' tools under way at once; further ones return an error.",
     .source = "a thousand agents that call at once"},
    {.name = "mcp.idle_s",
     .member = mcp<&McpSettings::idle_s>,
     .unit = "s",
     .min = 1,
     .max = 7 * day_s,
     .doc = "How long a session is kept after its last call.",
     .source = "as an agent stays in memory"},
    {.name = "mcp.disable_stdio",
     .member = mcp<&McpSettings::disable_stdio>,
     .doc = "Refuses MCP servers that are commands of this machine (stdio).",
     .source = "as the reference server",
     .aliases = {"MCP_DISABLE_STDIO"}},
    {.name = "mcp.stdio_network",
     .member = mcp<&McpSettings::stdio_network>,
     .doc = "Lets MCP servers over stdio use the machine's network."},
    {.name = "mcp.stdio_folders",
     .member = mcp<&McpSettings::stdio_folders>,
     .doc = "Folders that MCP servers over stdio can read, beside the machine's programs and "
            "libraries."},
  };
}

}  // namespace reverie
