#include "actors/thread_approvals.hpp"

#include "runtime/messages/approvals.hpp"
#include "runtime/tools/outcome.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

namespace {

// How far back a decision that came before is looked for.
constexpr std::size_t recent_context = 10;
constexpr std::size_t recent_history = 256;

struct PendingCalls {
  Message request;
  std::optional<Message> sibling;
};

// What the context ends with, which waits.
Result<PendingCalls> pending_calls(const Context& context, const AgentRecord& record) {
  const std::size_t count = context.sequence_ids.size();
  std::vector<std::int64_t> last(
    context.sequence_ids.end() - std::min<std::ptrdiff_t>(2, static_cast<std::ptrdiff_t>(count)),
    context.sequence_ids.end());
  REVERIE_TRY(auto messages, record.messages(last));
  if (messages.empty() || !asks_for_approval(messages.back()))
    return Error{Errc::corruption, "the message that asks for approval is not there", record.id()};
  PendingCalls pending;
  pending.request = std::move(messages.back());
  messages.pop_back();
  if (!messages.empty() && messages.back().role == "assistant"
      && messages.back().step_id == pending.request.step_id)
    pending.sibling = std::move(messages.back());
  return pending;
}

Result<std::vector<Message>> newest_messages(const AgentRecord& record) {
  REVERIE_TRY(const Home home, home_of(record.id()));
  std::vector<Message> messages;
  const Page<MessageTable::Key> page{std::nullopt, Order::descending, recent_history};
  REVERIE_CHECK(record.tables().messages.scan_page(home, key_bytes(record.id()), page,
                                                   [&](const MessageTable::Key&, Message message) {
                                                     if (message.role == "tool")
                                                       messages.push_back(std::move(message));
                                                     return true;
                                                   }));
  return messages;
}

Result<bool> came_before(const Message& answer, const Context& context, const AgentRecord& record) {
  const auto& ids = context.sequence_ids;
  const auto count = static_cast<std::ptrdiff_t>(std::min(recent_context, ids.size()));
  REVERIE_TRY(const auto recent, record.messages({ids.end() - count, ids.end()}));
  if (was_answered(answer, recent)) return true;
  REVERIE_TRY(const auto history, newest_messages(record));
  return was_answered(answer, history);
}

Message keep_alive(const Message& answer) {
  Message message;
  message.agent_id = answer.agent_id;
  message.otid = answer.otid;
  ContentPart part;
  part.text = keep_alive_text();
  message.content = {std::move(part)};
  return message;
}

void deny(const std::vector<StoredToolCall>& calls, const ToolOutcome& outcome, Message& returns) {
  for (const StoredToolCall& call : calls)
    returns.tool_returns.push_back({call.id, call.name, "error", outcome.text, {}, {}, {}});
}

bool is_meant(const Message& request, const PendingDenial& denial) {
  if (denial.request_id && *denial.request_id != request.id) return false;
  const auto& run_ids = denial.run_ids;
  return !run_ids
         || std::find(run_ids->begin(), run_ids->end(), request.run_id.value_or(""))
              != run_ids->end();
}

// The run that has asked. One that was deleted meanwhile does not keep its calls waiting.
Status end_asking_run(const AgentRecord& record, const Message& request, RunChange& change) {
  const AgentTables& tables = record.tables();
  change.run.id = request.run_id.value_or("");
  const auto child = tables.children.get({change.run.id});
  if (!child) {
    const Errc code = child.error().code;
    return code == Errc::not_found || code == Errc::invalid_argument ? Status{}
                                                                     : Status{child.error()};
  }
  const RunTable::Key key{record.id(), static_cast<std::uint64_t>(child->value.sequence_id)};
  REVERIE_TRY(auto run, tables.runs.get(key));
  change.run = std::move(run.value);
  change.run.status = "cancelled";
  change.run.stop_reason = "cancelled";
  tables.runs.put_unchecked(change.batch, key, change.run);
  return {};
}

}  // namespace

Status admit_input(std::vector<Message>& input, const Context& context, const AgentRecord& record) {
  const bool has_decisions = answers_approval(input.front());
  if (context.pending == 0) {
    if (!has_decisions) return {};
    REVERIE_TRY(const bool is_repeated, came_before(input.front(), context, record));
    if (!is_repeated) return nothing_pending();
    if (input.size() == 1) input.push_back(keep_alive(input.front()));
    input.erase(input.begin());
    return {};
  }
  REVERIE_TRY(const PendingCalls pending, pending_calls(context, record));
  if (!has_decisions) return pending_approval(pending.request.id);
  return match_approvals(pending.request, input.front());
}

Result<std::optional<DecidedCalls>> decided_calls(const RunState& state, const Context& context,
                                                  const AgentRecord& record) {
  if (context.pending == 0 || state.input_sequence_ids.empty())
    return std::optional<DecidedCalls>{};
  REVERIE_TRY(auto input, record.messages({state.input_sequence_ids.front()}));
  if (input.empty() || !answers_approval(input.front())) return std::optional<DecidedCalls>{};
  REVERIE_TRY(PendingCalls pending, pending_calls(context, record));
  return std::optional<DecidedCalls>{
    DecidedCalls{std::move(pending.request), std::move(pending.sibling), std::move(input.front())}};
}

Result<RunChange> deny_pending_change(const AgentThread& thread, const PendingDenial& denial) {
  const AgentRecord& record = thread.record();
  REVERIE_TRY(Context context, thread.context());
  const Error nothing{Errc::conflict, "CONFLICT: No active runs to cancel", "run_ids"};
  if (context.pending == 0) return nothing;
  REVERIE_TRY(const PendingCalls pending, pending_calls(context, record));
  if (!is_meant(pending.request, denial)) return nothing;
  const AgentTables& tables = record.tables();
  RunChange change;
  change.activity = record.activity();

  Message answer;
  answer.role = "approval";
  answer.approvals = denied_approvals(pending.request, denial.reason);
  Message returns;
  returns.role = "tool";
  returns.name = pending.request.tool_calls.front().name;
  const ToolOutcome outcome = tool_refusal(denial_text(answer.approvals.front().reason));
  deny(pending.request.tool_calls, outcome, returns);
  if (pending.sibling) deny(pending.sibling->tool_calls, outcome, returns);
  for (Message* message : {&answer, &returns}) {
    message->id = record.new_child(Prefix::message);
    message->agent_id = record.id();
    message->org_id = record.agent().org_id;
    message->run_id = pending.request.run_id;
    message->step_id = pending.request.step_id;
    message->conversation_id = thread.conversation_id();
    message->sequence_id = ++change.activity.messages_count;
    message->created_at = std::max(record.services().clock->now(),
                                   change.activity.last_message_at + std::chrono::microseconds{1});
    change.activity.last_message_at = message->created_at;
    add_message(tables, change.batch, *message);
    context.add(*message);
  }
  thread.put_context(change.batch, context);

  REVERIE_CHECK(end_asking_run(record, pending.request, change));
  change.activity.last_stop_reason = "cancelled";
  tables.activity.put(change.batch, {record.id()}, change.activity, record.activity_version());
  return change;
}

}  // namespace reverie
