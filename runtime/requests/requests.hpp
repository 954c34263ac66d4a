// Every request that an object can be asked, in one type: what travels in Routed
// (actors/messages.hpp). One record per operation of the API; its fields say where each comes from.

#pragma once

#include "runtime/requests/agents.hpp"
#include "runtime/requests/blocks.hpp"
#include "runtime/requests/conversations.hpp"
#include "runtime/requests/git.hpp"
#include "runtime/requests/lifecycle.hpp"
#include "runtime/requests/mcp.hpp"
#include "runtime/requests/messages.hpp"
#include "runtime/requests/runs.hpp"
#include "runtime/requests/tools.hpp"
#include "storage/codec.hpp"

#include <type_traits>
#include <utility>
#include <variant>

namespace reverie {

using AnyRequest = std::variant<
  // agents
  ListAgents, CountAgents, RetrieveAgent, CreateAgent, ModifyAgent, DeleteAgent,
  RetrieveContextWindow, RetrieveMemory, ListAgentBlocks, RetrieveAgentBlock, ModifyAgentBlock,
  AttachBlock, DetachBlock, ListAgentTools, AttachTool, DetachTool, ModifyToolApproval,
  RecompileAgent, ResetMessages, ListTags,
  // blocks
  ListBlocks, CountBlocks, RetrieveBlock, CreateBlock, ModifyBlock, DeleteBlock, EditBlock,
  ListBlockAgents,
  // messages
  SendMessage, CancelRuns, ListMessages, ListAllMessages, RetrieveMessage, ModifyMessage,
  // runs and steps
  ListRuns, RetrieveRun, ListRunMessages, ListRunSteps, RetrieveRunUsage, RetrieveRunMetrics,
  RetrieveRunTrace, ResumeStream, DeleteRun, ListSteps, RetrieveStep, ListStepMessages,
  RetrieveStepMetrics, RetrieveStepTrace, ModifyStepFeedback, ModifyStepTransaction,
  // tools and models
  ListTools, CountTools, RetrieveTool, SearchTools, AddBaseTools, CreateTool,
  CreateToolsFromOpenapi, ModifyTool, DeleteTool, GenerateToolSchema, RunToolSource, RunAgentTool, ListChatModels, ListEmbeddingModels,
  CreateBackup, CompactMessages,
  // conversations
  ListConversations, CreateConversation, RetrieveConversation, UpdateConversation,
  DeleteConversation, ForkConversation, RecompileConversation, ListConversationMessages,
  // lifecycle and approvals
  PauseAgent, ResumeAgent, RetrieveLifecycle, ListApprovals, ExpireApproval, PreviewMessage,
  GenerateCompletion,
  // git-backed memory
  OpenGitMemory, SyncGitMemory,
  // MCP servers
  ListMcpServers, RetrieveMcpServer, ListMcpServerTools, RetrieveMcpTool, CreateMcpServer,
  ModifyMcpServer, DeleteMcpServer, RefreshMcpServer, RunMcpTool, AddMcpTool, ProbeMcpServer>;

template <class T, class Union>
constexpr bool is_alternative = false;
template <class T, class... Ts>
constexpr bool is_alternative<T, std::variant<Ts...>> = (std::is_same_v<T, Ts> || ...);

// One of them. What a variant of fifty records makes the compiler write (copies, moves, a
// comparison) is in one file instead of in each that sends a message: half of its compile time.
class Request {
 public:
  Request();
  template <class T>
  requires is_alternative<T, AnyRequest> Request(T request)
  noexcept : value_(std::move(request)) {}
  Request(const Request& other);
  Request(Request&& other) noexcept;
  Request& operator=(const Request& other);
  Request& operator=(Request&& other) noexcept;
  ~Request();
  bool operator==(const Request& other) const;

  // Who answers it.
  Owner owner() const;

  template <class T>
  bool is() const {
    return std::holds_alternative<T>(value_);
  }
  AnyRequest& any() { return value_; }
  const AnyRequest& any() const { return value_; }

 private:
  AnyRequest value_;
};

template <>
struct BytesOf<Request> {
  static void put(std::string& out, const Request& value);
  static bool take(std::string_view in, Request& value);
};

}  // namespace reverie
