// The actor of an organisation's tools and MCP servers while somebody makes, changes or tries them.
// Agents read tools without it.

#pragma once

#include "actors/commit_queue.hpp"
#include "actors/errors.hpp"
#include "actors/mcp_servers.hpp"
#include "actors/messages.hpp"
#include "actors/services.hpp"
#include "runtime/tools/custom_tool.hpp"
#include "storage/tables/tool_table.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace reverie {

// What the actor knows and decides, without an actor system. Only the actor's thread touches it.
class ToolsState {
 public:
  static inline const char* name = "reverie.tools";

  // What it does to the world outside: answers come back as SchemaDerived, McpListed and ToolDone.
  struct Port {
    CommitQueue::Send commit;
    std::function<void(std::int64_t number, std::string source)> derive_schema;
    std::function<void(ExternalCall)> run_tool;
    std::function<void(std::int64_t number, McpEndpoint)> list_mcp_tools;
    std::function<void(const std::string& server_id)> forget_mcp_server;
  };

  void init(const Services& services, std::string org_id, Port port);

  // Any request of Owner::tools. Changes are made one after the other, so that a name is one
  // tool's. Errors: bad_request (also to change or delete what is not there or is built in),
  // not_found, conflict (the name is another tool's), unavailable (no code runs here).
  void handle(Routed request, Reply<Answer> reply);

  void on_schema(const SchemaDerived& message);
  void on_tool_done(const ToolDone& message);
  void on_listed(const McpListed& message) { mcp_.on_listed(message); }

  bool is_idle() const {
    return commits_.empty() && questions_.empty() && trials_.empty() && mcp_.is_idle();
  }

  std::int64_t handled = 0;  // messages that came through the shard

 private:
  using OnSchema = std::function<void(const Result<std::string>&)>;
  struct Trial {
    std::string tool_name;
    std::int64_t return_char_limit = 0;
    Reply<Answer> reply;
  };

  void handle(CreateTool request, const Routed& routed, Reply<Answer> reply);
  void handle(const CreateToolsFromOpenapi& request, const Routed& routed, Reply<Answer> reply);
  void handle(const ModifyTool& request, const Routed& routed, Reply<Answer> reply);
  void handle(const DeleteTool& request, const Routed& routed, Reply<Answer> reply);
  void handle(const GenerateToolSchema& request, const Routed& routed, Reply<Answer> reply);
  void handle(const RunToolSource& request, const Routed& routed, Reply<Answer> reply);

  void derive(std::string source, OnSchema on_schema);
  void create(const CreateTool& request, const std::string& schema, const ToolAuthor& author,
              Reply<Answer> reply);
  Status put(Batch& batch, CustomTool& tool, const CreateTool& request) const;
  Result<Stored<CustomTool>> find(const std::string& tool_id) const;
  Result<std::optional<Stored<ToolName>>> find_name(const std::string& tool_name) const;
  ToolAuthor author(const Routed& routed) const;

  const Services* services_ = nullptr;
  std::string org_id_;
  Port port_;
  std::optional<Table<ToolTable>> tools_;
  std::optional<Table<ToolNameTable>> names_;
  std::optional<Table<McpToolTable>> mcp_tools_;
  CommitQueue commits_;
  McpServers mcp_;
  std::int64_t last_question_ = 0;
  std::map<std::int64_t, OnSchema> questions_;  // to the sandbox
  std::map<std::string, Trial> trials_;         // by call id
};

// `shard` is that of the global home, on this node.
ToolsActor::behavior_type tools_actor(ToolsActor::stateful_pointer<ToolsState> self,
                                      const Services* services, const ShardActor& shard,
                                      const std::string& org_id);

}  // namespace reverie
