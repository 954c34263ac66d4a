#include "storage/indexes.hpp"

#include "storage/index_families.hpp"
#include "storage/index_rule.hpp"
#include "storage/records/agent_summary.hpp"
#include "storage/records/approval_summary.hpp"
#include "storage/records/block_summary.hpp"
#include "storage/records/conversation_summary.hpp"
#include "storage/tables.hpp"

namespace reverie {

namespace {

std::uint64_t microseconds(Timestamp time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

std::string summary_of(const Agent& agent) {
  return encode(AgentSummary{agent.name, agent.tags, agent.hidden.value_or(false), agent.project_id,
                             agent.template_id, agent.base_template_id, agent.identity_ids,
                             agent.created_by_id});
}

void agent_rows(const AgentTable::Key& key, const Agent& agent, IndexRows& rows) {
  const auto& org = agent.org_id;
  const std::uint64_t created = microseconds(agent.created_at);
  const std::string summary = summary_of(agent);
  rows.put(agents_by_created, key_bytes(org, created, key.agent_id), summary);
  rows.put(agents_by_updated, key_bytes(org, microseconds(agent.updated_at), key.agent_id));
  rows.put(agents_by_name, key_bytes(org, agent.name, key.agent_id));
  for (const std::string& block_id : agent.block_ids)
    rows.put(agents_by_block, key_bytes(org, block_id, key.agent_id));
  for (const std::string& tag : agent.tags) {
    rows.put(agents_by_tag, key_bytes(org, tag, created, key.agent_id), summary);
    rows.count(tags_in_use, key_bytes(org, tag));
  }
  rows.count(counts, key_bytes(org, std::string("agents")));
}

void activity_rows(const AgentActivityTable::Key& key, const AgentActivity& activity,
                   IndexRows& rows) {
  if (activity.last_run_completion)
    rows.put(agents_by_last_run,
             key_bytes(activity.org_id, microseconds(*activity.last_run_completion), key.agent_id));
}

void block_rows(const BlockTable::Key& key, const Block& block, IndexRows& rows) {
  const BlockSummary summary{block.label,       block.hidden.value_or(false),
                             block.is_template, block.template_name,
                             block.description, block.project_id,
                             block.tags};
  rows.put(blocks_by_created, key_bytes(block.org_id, microseconds(block.created_at), key.block_id),
           encode(summary));
  for (const std::string& tag : block.tags) rows.count(tags_in_use, key_bytes(block.org_id, tag));
  rows.count(counts, key_bytes(block.org_id, std::string("blocks")));
}

void message_rows(const MessageTable::Key&, const Message& message, IndexRows& rows) {
  rows.put(messages_by_created,
           key_bytes(message.org_id, microseconds(message.created_at), message.id),
           message.conversation_id.value_or(""));
}

void run_rows(const RunTable::Key&, const Run& run, IndexRows& rows) {
  const std::string key = key_bytes(run.org_id, microseconds(run.created_at), run.id);
  rows.put(runs_by_created, key);
  if (!run.completed_at) rows.put(runs_active, key);
}

void step_rows(const StepTable::Key&, const Step& step, IndexRows& rows) {
  rows.put(steps_by_created, key_bytes(step.org_id, microseconds(step.created_at), step.id));
}

void tool_rows(const ToolTable::Key& key, const CustomTool& tool, IndexRows& rows) {
  rows.put(tools_by_created, key_bytes(tool.org_id, microseconds(tool.created_at), key.tool_id),
           encode(ToolSummary{tool.name, tool.tool_type}));
}

void run_log_rows(const RunLogTable::Key& key, const RunLog& log, IndexRows& rows) {
  std::string bytes;
  put_varint(bytes, static_cast<std::uint64_t>(log.bytes));
  const std::uint64_t ended = log.ended_at ? microseconds(*log.ended_at) : 0;
  rows.put(run_logs_by_end, key_bytes(ended, key.agent_id, key.run_sequence_id), std::move(bytes));
}

void conversation_rows(const ConversationTable::Key&, const Conversation& conversation,
                       IndexRows& rows) {
  if (conversation.hidden) return;
  const std::string summary = encode(
    ConversationSummary{conversation.summary.value_or(""), conversation.archived_at.has_value()});
  for (const std::string& agent_id : {conversation.agent_id, std::string()}) {
    const auto put = [&](std::string_view family, const std::optional<Timestamp>& time) {
      rows.put(family, conversation_key(agent_id, conversation, time), summary);
    };
    put(conversations_by_created, conversation.created_at);
    put(conversations_by_last_run, conversation.last_run_completion);
    put(conversations_by_last_message, conversation.last_message_at);
  }
}

// Of the stored bytes, not of the record: a context changes with every step and may be long, and
// only its last fields matter here.
void context_rows(std::string_view key_text, std::string_view value, IndexRows& rows) {
  if (!take_version(value, ContextTable::family)) return;
  const auto end = decode<ContextEnd>(value);
  ContextTable::Key key;
  if (!end || !end->approval || !decode_key(key_text, key)) return;
  const PendingApproval& approval = *end->approval;
  const std::string summary = encode(
    ApprovalSummary{approval.org_id, std::move(key.agent_id), key.conversation_id, approval.run_id,
                    approval.message_id, end->pending, approval.requested_at});
  rows.put(
    approvals_by_requested,
    approval_key(approval.org_id, approval.requested_at, approval.message_id, key.conversation_id),
    summary);
  rows.put(approvals_by_age,
           key_bytes(microseconds(approval.requested_at), approval.message_id, key.conversation_id),
           summary);
}

}  // namespace

std::string approval_key(const std::string& org_id, Timestamp requested_at,
                         const std::string& message_id, const std::string& conversation_id) {
  return key_bytes(org_id, microseconds(requested_at), message_id, conversation_id);
}

std::string conversation_prefix(const std::string& org_id, const std::string& agent_id,
                                bool has_time) {
  return key_bytes(org_id, agent_id, std::uint64_t{has_time});
}

std::string conversation_key(const std::string& agent_id, const Conversation& conversation,
                             const std::optional<Timestamp>& time) {
  return conversation_prefix(conversation.org_id, agent_id, time.has_value())
         + key_bytes(microseconds(time.value_or(conversation.created_at)), conversation.id);
}

std::vector<IndexRule> all_indexes() {
  return {
    index_rule<AgentTable, agent_rows>({agents_by_created, agents_by_updated, agents_by_name,
                                        agents_by_block, agents_by_tag, tags_in_use, counts},
                                       1),
    index_rule<AgentActivityTable, activity_rows>({agents_by_last_run}, 1),
    index_rule<BlockTable, block_rows>({blocks_by_created, tags_in_use, counts}, 1),
    index_rule<MessageTable, message_rows>({messages_by_created}, 1),
    index_rule<RunTable, run_rows>({runs_by_created, runs_active}, 2),
    index_rule<StepTable, step_rows>({steps_by_created}, 1),
    index_rule<ToolTable, tool_rows>({tools_by_created}, 1),
    index_rule<RunLogTable, run_log_rows>({run_logs_by_end}, 1),
    {ContextTable::family, {approvals_by_requested, approvals_by_age}, 1, context_rows},
    index_rule<ConversationTable, conversation_rows>(
      {conversations_by_created, conversations_by_last_run, conversations_by_last_message}, 2),
  };
}

}  // namespace reverie
