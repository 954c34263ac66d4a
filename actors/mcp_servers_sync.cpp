// How the stored tools become what an MCP server lists.

#include "actors/mcp_servers.hpp"
#include "config/ids.hpp"
#include "runtime/tools/tools.hpp"

#include <utility>

namespace reverie {

namespace {

// Of one commit: what a group of them may have (actors/shard_actor.hpp).
constexpr std::size_t sync_bytes_max = 300'000;
constexpr int name_attempts_max = 1'000;

}  // namespace

void McpServers::refresh(const McpServer& server,
                         const std::map<std::string, std::string>& variables, const ToolAuthor& who,
                         OnSynced on_synced) {
  auto secrets = secrets_of(server);
  if (!secrets) return on_synced(std::move(secrets).error());
  auto endpoint = mcp_endpoint(server, *secrets, variables, false);
  if (!endpoint) return on_synced(std::move(endpoint).error());
  list(*std::move(endpoint),
       [this, id = server.id, who, on_synced](const Result<McpToolList>& listed) {
         if (!listed) return on_synced(listed.error());
         const auto sync_now = std::make_shared<Sync>();
         sync_now->server_id = id;
         sync_now->list = std::make_shared<const McpToolList>(*listed);
         sync_now->author = who;
         sync_now->done.left_out = listed->left_out;
         sync_now->on_synced = on_synced;
         sync(sync_now);
       });
}

void McpServers::sync(const std::shared_ptr<Sync>& what) {
  const auto append = [](std::vector<std::string>& to, const std::vector<std::string>& more) {
    to.insert(to.end(), more.begin(), more.end());
  };
  commits_->add({[this, what] { return sync_batch(*what); },
                 [this, what, append](Status status) {
                   if (!status) return what->on_synced(std::move(status).error());
                   append(what->done.added, what->pass.added);
                   append(what->done.updated, what->pass.updated);
                   append(what->done.deleted, what->pass.deleted);
                   if (!what->is_whole) return sync(what);
                   append(what->done.left_out, what->pass.left_out);
                   what->on_synced(std::move(what->done));
                 }});
}

Result<Batch> McpServers::sync_batch(Sync& what) {
  what.pass = {};
  what.is_whole = true;
  Batch batch;
  const McpServerTable::Key key{org_id_, what.server_id};
  REVERIE_TRY(const auto server, servers_->get(key));
  servers_->require(batch, key, server.version);
  REVERIE_TRY(auto known, mcp_tool_ids(*services_->store, what.server_id));
  std::set<std::string> taken;
  std::size_t bytes = 0;
  for (const McpToolInfo& info : what.list->tools) {
    const auto row = known.extract(info.name);
    if (bytes > sync_bytes_max) {
      what.is_whole = false;
      continue;  // to the end, so that those that are listed are not deleted
    }
    REVERIE_TRY(const std::size_t written,
                sync_tool(what, server.value, info, row ? row.mapped() : "", taken, batch));
    bytes += written;
  }
  // A server that loses its tools for a moment does not take them from their agents; a person may.
  if (what.author.user_id.empty()) known.clear();
  for (const auto& [tool_name, tool_id] : known) {
    std::string name;
    REVERIE_CHECK(erase_tool(what.server_id, tool_name, tool_id, batch, name));
    what.pass.deleted.push_back(std::move(name));
  }
  return batch;
}

// How many bytes it has written. A tool whose schema has become one that cannot be used stays as it
// was.
Result<std::size_t> McpServers::sync_tool(Sync& what, const McpServer& server,
                                          const McpToolInfo& info, const std::string& known_id,
                                          std::set<std::string>& taken, Batch& batch) {
  const McpSchema schema = normalised_schema(info.input_schema);
  if (schema.health == McpSchemaHealth::invalid) {
    what.pass.left_out.push_back(info.name);
    return std::size_t{0};
  }
  if (!known_id.empty()) {
    const auto before = tools_->get({known_id});
    if (!before && before.error().code != Errc::not_found) return before.error();
    if (before) {
      const auto now = relisted_mcp_tool(before->value, server, info, schema, what.author);
      if (!now) return std::size_t{0};
      tools_->put(batch, {known_id}, *now, before->version);
      what.pass.updated.push_back(now->name);
      return now->json_schema.text.size();
    }
  }
  REVERIE_TRY(const std::string name, free_name(info.name, server.name, taken));
  CustomTool tool = mcp_tool(server, info, schema, name, what.author);
  tool.id = new_id(Prefix::tool, *services_->random);
  tools_->add(batch, {tool.id}, tool);
  tool_names_->put(batch, {org_id_, name}, {tool.id}, 0);
  rows_->put_unchecked(batch, {server.id, info.name}, {tool.id});
  taken.insert(name);
  what.pass.added.push_back(name);
  return tool.json_schema.text.size();
}

// Agents that have it go on without it. `name`: what it was called here.
Status McpServers::erase_tool(const std::string& server_id, const std::string& tool_name,
                              const std::string& tool_id, Batch& batch, std::string& name) {
  name = tool_name;
  rows_->erase_unchecked(batch, {server_id, tool_name});
  const auto tool = tools_->get({tool_id});
  if (!tool) return tool.error().code == Errc::not_found ? Status{} : Status{tool.error()};
  name = tool->value.name;
  tools_->erase(batch, {tool_id}, tool->version);
  const auto named = tool_names_->get({org_id_, name});
  if (named) tool_names_->erase(batch, {org_id_, name}, named->version);
  return named || named.error().code == Errc::not_found ? Status{} : Status{named.error()};
}

Result<std::string> McpServers::free_name(const std::string& wanted, const std::string& server_name,
                                          const std::set<std::string>& taken) const {
  for (int attempt = 0; attempt < name_attempts_max; ++attempt) {
    std::string name = mcp_tool_name(wanted, server_name, attempt);
    if (taken.contains(name) || find_builtin_tool(name)) continue;
    REVERIE_TRY(const bool is_others, is_taken(name));
    if (!is_others) return name;
  }
  return Error{Errc::conflict, "CONFLICT: no name is left for the tool '" + wanted + "'", ""};
}

Result<bool> McpServers::is_taken(const std::string& tool_name) const {
  const auto named = tool_names_->get({org_id_, tool_name});
  if (named) return true;
  if (named.error().code == Errc::not_found) return false;
  return named.error();
}

}  // namespace reverie
