// Every request that an object can be asked, in one type: what travels in Routed
// (actors/messages.hpp). One record per operation of the API; its fields say where each comes from.

#pragma once

#include "runtime/requests/agents.hpp"
#include "runtime/requests/blocks.hpp"
#include "runtime/requests/messages.hpp"
#include "runtime/requests/runs.hpp"
#include "runtime/requests/tools.hpp"
#include "storage/codec.hpp"

#include <variant>

namespace reverie {

using Request = std::variant<
  // agents
  ListAgents, CountAgents, RetrieveAgent, CreateAgent, ModifyAgent, DeleteAgent,
  RetrieveContextWindow, RetrieveMemory, ListAgentBlocks, RetrieveAgentBlock, ModifyAgentBlock,
  AttachBlock, DetachBlock, ListAgentTools, AttachTool, DetachTool, RecompileAgent, ResetMessages,
  ListTags,
  // blocks
  ListBlocks, CountBlocks, RetrieveBlock, CreateBlock, ModifyBlock, DeleteBlock, EditBlock,
  ListBlockAgents,
  // messages
  SendMessage, CancelRuns, ListMessages, RetrieveMessage, ModifyMessage,
  // runs and steps
  ListRuns, RetrieveRun, ListRunMessages, ListRunSteps, RetrieveRunUsage, RetrieveRunMetrics,
  RetrieveRunTrace, DeleteRun, ListSteps, RetrieveStep, ListStepMessages, RetrieveStepMetrics,
  RetrieveStepTrace, ModifyStepFeedback, ModifyStepTransaction,
  // tools and models
  ListTools, CountTools, RetrieveTool, AddBaseTools, ListChatModels, ListEmbeddingModels, CreateBackup>;

template <>
struct BytesOf<Request> {
  static void put(std::string& out, const Request& value);
  static bool take(std::string_view in, Request& value);
};

}  // namespace reverie
