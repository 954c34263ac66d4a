// The MCP servers of an organisation while somebody makes, changes or tries them: a part of the
// actor of its tools, since their tools are among those.

#pragma once

#include "actors/commit_queue.hpp"
#include "actors/errors.hpp"
#include "actors/messages.hpp"
#include "actors/services.hpp"
#include "runtime/mcp/mcp_servers.hpp"
#include "runtime/mcp/mcp_sync.hpp"
#include "storage/tables/mcp_server_table.hpp"
#include "storage/tables/tool_table.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace reverie {

// Without an actor system. Only the actor's thread touches it.
class McpServers {
 public:
  // What it does to the world outside: answers come back as McpListed and ToolDone.
  struct Port {
    std::function<void(std::int64_t number, McpEndpoint)> list_tools;
    std::function<void(const std::string& server_id)> forget;
    std::function<void(ExternalCall)> run_tool;
  };

  // `commits`: of the actor; outlives this.
  void init(const Services& services, const std::string& org_id, CommitQueue& commits, Port port);

  // Errors: bad_request (no such server can be), not_found, conflict (the name is another's),
  // mcp_unavailable (a refresh), mcp_timeout and mcp_connection (a probe), unavailable. A server
  // that cannot be reached is made and changed all the same.
  void handle(const CreateMcpServer& request, const Routed& routed, Reply<Answer> reply);
  void handle(const ModifyMcpServer& request, const Routed& routed, Reply<Answer> reply);
  void handle(const DeleteMcpServer& request, const Routed& routed, Reply<Answer> reply);
  void handle(const RefreshMcpServer& request, const Routed& routed, Reply<Answer> reply);
  void handle(const RunMcpTool& request, const Routed& routed, Reply<Answer> reply);
  void handle(const AddMcpTool& request, const Routed& routed, Reply<Answer> reply);
  void handle(const ProbeMcpServer& request, const Routed& routed, Reply<Answer> reply);

  void on_listed(const McpListed& message);
  // False: it is not a call of this.
  bool on_tool_done(const ToolDone& message);

  bool is_idle() const { return questions_.empty() && trials_.empty(); }

 private:
  using OnList = std::function<void(const Result<McpToolList>&)>;
  using OnSynced = std::function<void(Result<McpSync>)>;

  // The stored tools on their way to what a server lists: several commits when they are many.
  struct Sync {
    std::string server_id;
    std::shared_ptr<const McpToolList> list;
    ToolAuthor author;  // without a user: the server has said by itself that its list has changed
    McpSync done;
    McpSync pass;           // of the commit under way
    bool is_whole = false;  // nothing is left after that
    OnSynced on_synced;
  };
  struct Trial {
    std::int64_t return_char_limit = 0;
    bool is_older = false;
    Reply<Answer> reply;
  };

  ToolAuthor author(const Routed& routed) const;
  Result<McpSecrets> secrets_of(const McpServer& server) const;
  void store(std::shared_ptr<McpServer> server, std::function<Result<Batch>()> build,
             const Routed& routed, bool is_older, Reply<Answer> reply);
  Result<std::string> answer_of(const McpServer& server, bool is_older) const;

  void list(McpEndpoint endpoint, OnList on_list);
  void refresh(const McpServer& server, const std::map<std::string, std::string>& variables,
               const ToolAuthor& who, OnSynced on_synced);
  void sync(const std::shared_ptr<Sync>& sync);
  Result<Batch> sync_batch(Sync& sync);
  Result<std::size_t> sync_tool(Sync& sync, const McpServer& server, const McpToolInfo& info,
                                const std::string& known_id, std::set<std::string>& taken,
                                Batch& batch);
  Status erase_tool(const std::string& server_id, const std::string& tool_name,
                    const std::string& tool_id, Batch& batch, std::string& name);
  Result<std::string> free_name(const std::string& wanted, const std::string& server_name,
                                const std::set<std::string>& taken) const;
  Result<bool> is_taken(const std::string& tool_name) const;

  const Services* services_ = nullptr;
  std::string org_id_;
  CommitQueue* commits_ = nullptr;
  Port port_;
  std::optional<Table<McpServerTable>> servers_;
  std::optional<Table<McpServerNameTable>> names_;
  std::optional<Table<McpToolTable>> rows_;
  std::optional<Table<ToolTable>> tools_;
  std::optional<Table<ToolNameTable>> tool_names_;
  std::int64_t last_question_ = 0;
  std::map<std::int64_t, OnList> questions_;  // to servers
  std::map<std::string, Trial> trials_;       // by call id
};

}  // namespace reverie
