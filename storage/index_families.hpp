// The derived families: what this node keeps so that a list over an organisation is read in its
// order and never sorted. Their keys start with the organisation and no home; they are written by
// the log beside the records that they follow from (storage/indexes.cpp), by nobody else, and
// can be made again from those at any time.
//
//   agents_by_created    org | created_at | agent_id            -> AgentSummary
//   agents_by_updated    org | updated_at | agent_id            -> nothing
//   agents_by_last_run   org | last_run_completion | agent_id   -> nothing; once it has run
//   agents_by_block      org | block_id | agent_id              -> nothing
//   blocks_by_created    org | created_at | block_id            -> BlockSummary
//   messages_by_created  org | created_at | message_id          -> conversation_id; nothing in the
//                                                                  agent's default thread
//   runs_by_created      org | created_at | run_id              -> nothing
//   runs_active          likewise, of the runs that have not ended
//   steps_by_created     org | created_at | step_id             -> nothing
//   tools_by_created     org | created_at | tool_id             -> ToolSummary
//   run_logs_by_end      ended_at | agent_id | sequence number of the run -> bytes (varint); 0 for
//                        the time of a run that goes on
//   conversations_by_*   org | agent_id | 1 | time | conversation_id -> ConversationSummary;
//                        likewise with an empty agent_id, for all of the organisation. Where there
//                        is no such time yet: 0 instead of 1, and created_at, so that they are
//                        listed last in both orders
//
//   approvals_by_requested  org | requested_at | message_id | conversation_id -> ApprovalSummary
//   approvals_by_age        requested_at | message_id | conversation_id -> ApprovalSummary: of all
//                           organisations, for what becomes due whoever it belongs to
//
// Times are microseconds since 1970, 8 bytes big-endian.

#pragma once

#include <array>
#include <string_view>

namespace reverie {

inline constexpr std::string_view agents_by_created = "agents_by_created";
inline constexpr std::string_view agents_by_updated = "agents_by_updated";
inline constexpr std::string_view agents_by_last_run = "agents_by_last_run";
inline constexpr std::string_view agents_by_block = "agents_by_block";
inline constexpr std::string_view blocks_by_created = "blocks_by_created";
inline constexpr std::string_view messages_by_created = "messages_by_created";
inline constexpr std::string_view runs_by_created = "runs_by_created";
inline constexpr std::string_view runs_active = "runs_active";
inline constexpr std::string_view steps_by_created = "steps_by_created";
inline constexpr std::string_view tools_by_created = "tools_by_created";
inline constexpr std::string_view run_logs_by_end = "run_logs_by_end";

inline constexpr std::string_view conversations_by_created = "conversations_by_created";
inline constexpr std::string_view conversations_by_last_run = "conversations_by_last_run";
inline constexpr std::string_view conversations_by_last_message = "conversations_by_last_message";

inline constexpr std::string_view approvals_by_requested = "approvals_by_requested";
inline constexpr std::string_view approvals_by_age = "approvals_by_age";

inline constexpr std::string_view agents_by_name = "agents_by_name";
inline constexpr std::string_view agents_by_tag = "agents_by_tag";
inline constexpr std::string_view tags_in_use = "tags_in_use";
inline constexpr std::string_view counts = "counts";

inline constexpr auto index_families = std::to_array<std::string_view>({
  agents_by_created,
  agents_by_updated,
  agents_by_last_run,
  agents_by_block,
  agents_by_name,
  agents_by_tag,
  blocks_by_created,
  messages_by_created,
  runs_by_created,
  runs_active,
  steps_by_created,
  tools_by_created,
  run_logs_by_end,
  conversations_by_created,
  conversations_by_last_run,
  conversations_by_last_message,
  approvals_by_requested,
  approvals_by_age,
  tags_in_use,
  counts,
});

}  // namespace reverie
