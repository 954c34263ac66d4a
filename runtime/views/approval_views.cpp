// The calls of all agents that wait for a decision.

#include "config/json_writer.hpp"
#include "runtime/views/view_parts.hpp"
#include "storage/indexes.hpp"
#include "storage/records/approval_summary.hpp"

#include <chrono>
#include <utility>

namespace reverie {

namespace {

// Names an item: the message that asks, and where forks of a thread wait for the same message, the
// conversation too.
std::string item_id(const ApprovalSummary& approval) {
  if (approval.conversation_id.empty()) return approval.message_id;
  return approval.message_id + "/" + approval.conversation_id;
}

// The item may be decided by now; its message says where it was.
Result<std::optional<std::string>> approval_cursor(const ViewContext& context,
                                                   const std::optional<std::string>& id) {
  if (!id) return std::optional<std::string>{};
  const auto slash = id->find('/');
  const std::string message_id = id->substr(0, slash);
  const std::string conversation_id = slash == id->npos ? "" : id->substr(slash + 1);
  const Error none{Errc::not_found, "Approval with id '" + *id + "' not found", ""};
  const auto child = Table<ChildTable>{context.store}.get({message_id});
  if (!child) return none;
  const auto message = Table<MessageTable>{context.store}.get(
    {child->value.agent_id, static_cast<std::uint64_t>(child->value.sequence_id)});
  if (!message || message->value.org_id != context.org_id) return none;
  return std::optional{
    approval_key(context.org_id, message->value.created_at, message_id, conversation_id)};
}

std::int64_t age_s(const ViewContext& context, const ApprovalSummary& approval) {
  return std::chrono::duration_cast<std::chrono::seconds>(context.now - approval.requested_at)
    .count();
}

bool is_wanted(const ViewContext& context, const ListApprovals& request,
               const ApprovalSummary& approval) {
  const auto thread = [](const std::string& id) { return id == "default" ? std::string() : id; };
  return (!request.agent_id || approval.agent_id == *request.agent_id)
         && (!request.conversation_id
             || approval.conversation_id == thread(*request.conversation_id))
         && (!request.min_age_s || age_s(context, approval) >= *request.min_age_s);
}

void append_waiting_calls(std::string& out, const std::vector<StoredToolCall>& calls) {
  out += '[';
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (i > 0) out += ',';
    JsonObjectWriter{out}
      .add("tool_call_id", calls[i].id)
      .add("name", calls[i].name)
      .add("arguments", calls[i].arguments);
  }
  out += ']';
}

void append_approval(std::string& out, const ViewContext& context, const ApprovalSummary& approval,
                     const Message& message) {
  std::optional<Timestamp> expires_at;
  if (context.approvals_expire_s > 0)
    expires_at = approval.requested_at + std::chrono::seconds{context.approvals_expire_s};
  std::optional<std::string> conversation_id;
  if (!approval.conversation_id.empty()) conversation_id = approval.conversation_id;
  JsonObjectWriter json{out};
  json.add("id", item_id(approval))
    .add("agent_id", approval.agent_id)
    .add("conversation_id", conversation_id)
    .add("run_id", approval.run_id)
    .add("message_id", approval.message_id);
  json.begin("tool_calls");
  append_waiting_calls(out, message.tool_calls);
  json.add("requested_at", approval.requested_at)
    .add("age_s", age_s(context, approval))
    .add("expires_at", expires_at);
}

}  // namespace

// The index has all but the calls themselves, which are read for the items of the page alone.
Result<std::string> view(const ViewContext& context, const ListApprovals& request) {
  REVERIE_TRY(const PageRequest page, page_request(request, 50, true));
  IndexPage rows{approvals_by_requested, key_bytes(context.org_id)};
  REVERIE_TRY(rows.after, approval_cursor(context, page.after));
  REVERIE_TRY(rows.before, approval_cursor(context, page.before));
  rows.limit = page.limit;
  rows.is_ascending = page.is_ascending;
  REVERIE_TRY(const auto found,
              read_page(context.store, rows, [&](std::string_view, std::string_view value) {
                const auto approval = decode<ApprovalSummary>(value);
                return approval && is_wanted(context, request, *approval);
              }));
  const Table<MessageTable> messages{context.store};
  std::string out = "[";
  for (const IndexRow& row : found) {
    const auto approval = decode<ApprovalSummary>(row.value);
    if (!approval) continue;
    const auto message =
      messages.get({approval->agent_id, static_cast<std::uint64_t>(approval->message_sequence_id)});
    if (!message) {
      if (message.error().code == Errc::not_found) continue;  // it was deleted meanwhile
      return message.error();
    }
    if (out.size() > 1) out += ',';
    append_approval(out, context, *approval, message->value);
  }
  return out += ']';
}

}  // namespace reverie
