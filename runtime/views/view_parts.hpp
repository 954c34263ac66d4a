// What the views of the different resources share.

#pragma once

#include "runtime/messages/api_messages.hpp"
#include "runtime/tools/tool.hpp"
#include "runtime/views/page.hpp"
#include "runtime/views/views.hpp"
#include "storage/tables.hpp"

#include <string>
#include <vector>

namespace reverie {

// Which relationships of an agent are shown.
struct AgentIncludes {
  bool blocks = false;
  bool tools = false;
  bool tags = false;
  bool pending_approval = false;
  bool secrets = false;
  bool lifecycle = false;  // a member that the contract does not have: only for who asks for it
};

// Clients since 1.0 name what they want; older ones get everything unless they name it.
AgentIncludes agent_includes(const std::vector<std::string>& include,
                             const std::vector<std::string>& include_relationships, bool is_sdk_v1);

// Errors: not_found, also when it belongs to another organisation; corruption, unavailable.
Result<Agent> find_agent(const ViewContext& context, const std::string& agent_id);
Result<Block> find_block(const ViewContext& context, const std::string& block_id);
Result<Run> find_run(const ViewContext& context, const std::string& run_id);
Result<Step> find_step(const ViewContext& context, const std::string& step_id);
Result<Conversation> find_conversation(const ViewContext& context,
                                       const std::string& conversation_id);

// The tools of these ids that are there, in their order. Errors: corruption, unavailable.
Result<std::vector<ToolPointer>> tools_of(const ViewContext& context,
                                          const std::vector<std::string>& tool_ids);

// What the agent has done so far; nothing: it has no record of that. Errors: corruption,
// unavailable.
Result<std::optional<AgentActivity>> find_activity(const ViewContext& context,
                                                   const std::string& agent_id);

// The blocks that are attached to the agent and there, in their order.
Result<std::vector<Block>> blocks_of_agent(const ViewContext& context, const Agent& agent);

template <class Request>
AgentIncludes includes_of(const Request& request) {
  return agent_includes(request.include, request.include_relationships, request.is_sdk_v1);
}

// The API's AgentState. Errors: not_found, corruption, unavailable.
Status append_agent(std::string& out, const ViewContext& context, const std::string& agent_id,
                    const AgentIncludes& includes);

// The agents of these rows, whose keys end with an agent's id, but for those deleted meanwhile.
Result<std::string> agents_json(const ViewContext& context, const std::vector<IndexRow>& rows,
                                const AgentIncludes& includes);

// paused, running or sleeping.
std::string_view lifecycle_of(const AgentActivity& activity);

// Newest first. Errors: corruption, unavailable.
Result<std::vector<Step>> steps_of(const ViewContext& context, const Run& run);

// What all spans of a run have in common, 32 hexadecimal digits as OpenTelemetry has them.
std::string trace_id_of(std::string_view run_id);

void append_run_json(std::string& out, const Run& run);
void append_step_json(std::string& out, const Step& step);

// The messages of a run or a step, whose range of sequence numbers is known.
struct MessageRange {
  std::string agent_id;
  std::int64_t first = 0;
  std::int64_t last = 0;
};
Result<std::vector<Message>> messages_in(const ViewContext& context, const MessageRange& range);

// How an agent's messages are shown in lists.
ApiMessageOptions list_options(const Agent& agent);

// Puts texts into an array.
std::string json_array(const std::vector<std::string>& items);

// Answers of each kind of request; see views.hpp.
Result<std::string> view(const ViewContext&, const ListAgents&);
Result<std::string> view(const ViewContext&, const CountAgents&);
Result<std::string> view(const ViewContext&, const RetrieveAgent&);
Result<std::string> view(const ViewContext&, const RetrieveContextWindow&);
Result<std::string> view(const ViewContext&, const RetrieveMemory&);
Result<std::string> view(const ViewContext&, const ListAgentBlocks&);
Result<std::string> view(const ViewContext&, const RetrieveAgentBlock&);
Result<std::string> view(const ViewContext&, const ListAgentTools&);
Result<std::string> view(const ViewContext&, const ListTags&);
Result<std::string> view(const ViewContext&, const ListBlocks&);
Result<std::string> view(const ViewContext&, const CountBlocks&);
Result<std::string> view(const ViewContext&, const RetrieveBlock&);
Result<std::string> view(const ViewContext&, const ListBlockAgents&);
Result<std::string> view(const ViewContext&, const ListMessages&);
Result<std::string> view(const ViewContext&, const ListAllMessages&);
Result<std::string> view(const ViewContext&, const RetrieveMessage&);
Result<std::string> view(const ViewContext&, const ListRuns&);
Result<std::string> view(const ViewContext&, const RetrieveRun&);
Result<std::string> view(const ViewContext&, const ListRunMessages&);
Result<std::string> view(const ViewContext&, const ListRunSteps&);
Result<std::string> view(const ViewContext&, const RetrieveRunUsage&);
Result<std::string> view(const ViewContext&, const RetrieveRunMetrics&);
Result<std::string> view(const ViewContext&, const RetrieveRunTrace&);
Result<std::string> view(const ViewContext&, const ListSteps&);
Result<std::string> view(const ViewContext&, const RetrieveStep&);
Result<std::string> view(const ViewContext&, const ListStepMessages&);
Result<std::string> view(const ViewContext&, const RetrieveStepMetrics&);
Result<std::string> view(const ViewContext&, const RetrieveStepTrace&);
Result<std::string> view(const ViewContext&, const ListTools&);
Result<std::string> view(const ViewContext&, const CountTools&);
Result<std::string> view(const ViewContext&, const RetrieveTool&);
Result<std::string> view(const ViewContext&, const SearchTools&);
Result<std::string> view(const ViewContext&, const AddBaseTools&);
Result<std::string> view(const ViewContext&, const ListChatModels&);
Result<std::string> view(const ViewContext&, const ListEmbeddingModels&);
Result<std::string> view(const ViewContext&, const CreateBackup&);
Result<std::string> view(const ViewContext&, const ListConversations&);
Result<std::string> view(const ViewContext&, const RetrieveConversation&);
Result<std::string> view(const ViewContext&, const ListConversationMessages&);
Result<std::string> view(const ViewContext&, const RetrieveLifecycle&);
Result<std::string> view(const ViewContext&, const ListApprovals&);
Result<std::string> view(const ViewContext&, const ListMcpServers&);
Result<std::string> view(const ViewContext&, const RetrieveMcpServer&);
Result<std::string> view(const ViewContext&, const ListMcpServerTools&);
Result<std::string> view(const ViewContext&, const RetrieveMcpTool&);

}  // namespace reverie
