// The conversations of agents.

#include "config/json_writer.hpp"
#include "runtime/text.hpp"
#include "runtime/views/message_page.hpp"
#include "storage/codec.hpp"
#include "storage/indexes.hpp"
#include "storage/records/conversation_summary.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace reverie {

namespace {

// The family that has the conversations in the wanted order, and the time that it goes by.
struct ConversationOrder {
  std::string_view family;
  std::optional<Timestamp> (*time)(const Conversation&);
};

Result<ConversationOrder> conversation_order(const ListConversations& request) {
  const std::string by = request.order_by.value_or("created_at");
  if (by == "created_at")
    return ConversationOrder{conversations_by_created, [](const Conversation& each) {
                               return std::optional{each.created_at};
                             }};
  if (by == "last_run_completion")
    return ConversationOrder{conversations_by_last_run,
                             [](const Conversation& each) { return each.last_run_completion; }};
  if (by == "last_message_at")
    return ConversationOrder{conversations_by_last_message,
                             [](const Conversation& each) { return each.last_message_at; }};
  return Error{Errc::invalid_argument,
               "expected created_at, last_run_completion or last_message_at, got '" + by + "'",
               "query.order_by"};
}

// Where a page begins. An unknown conversation is no cursor: the first page.
struct Start {
  bool has_time = true;
  std::optional<std::string> key;
};

Result<Start> start_of(const ViewContext& context, const ListConversations& request,
                       const ConversationOrder& order) {
  if (!request.after) return Start{};
  const auto conversation = find_conversation(context, *request.after);
  if (!conversation) {
    if (conversation.error().code == Errc::not_found) return Start{};
    return conversation.error();
  }
  const auto time = order.time(*conversation);
  return Start{time.has_value(),
               conversation_key(request.agent_id.value_or(""), *conversation, time)};
}

// Whether the archived are wanted, or the others; none: all.
Result<std::optional<bool>> wanted_archived(const ListConversations& request) {
  const std::string status = request.archive_status.value_or("unarchived");
  if (status == "all") return std::optional<bool>{};
  if (status == "archived" || status == "unarchived") return std::optional{status == "archived"};
  return Error{Errc::invalid_argument, "expected unarchived, archived or all, got '" + status + "'",
               "query.archive_status"};
}

// Those without a time come behind all others, whatever the order.
Result<std::vector<IndexRow>> rows_of(const ViewContext& context, const ListConversations& request,
                                      const PageRequest& page) {
  REVERIE_TRY(const ConversationOrder order, conversation_order(request));
  REVERIE_TRY(const Start start, start_of(context, request, order));
  REVERIE_TRY(const auto archived, wanted_archived(request));
  const auto keep = [&](std::string_view, std::string_view value) {
    const auto row = decode<ConversationSummary>(value);
    if (!row || row->archived != archived.value_or(row->archived)) return false;
    return !request.summary_search || contains_ignoring_case(row->summary, *request.summary_search);
  };
  std::vector<IndexRow> rows;
  for (const bool has_time : {true, false}) {
    if (has_time && !start.has_time) continue;
    IndexPage part{order.family,
                   conversation_prefix(context.org_id, request.agent_id.value_or(""), has_time)};
    if (has_time == start.has_time) part.after = start.key;
    part.limit = page.limit - rows.size();
    part.is_ascending = page.is_ascending;
    REVERIE_TRY(auto found, read_page(context.store, part, keep));
    std::move(found.begin(), found.end(), std::back_inserter(rows));
  }
  return rows;
}

}  // namespace

Result<Conversation> find_conversation(const ViewContext& context,
                                       const std::string& conversation_id) {
  const Error missing{Errc::not_found, "Conversation with id '" + conversation_id + "' not found",
                      ""};
  const auto is_missing = [](const Error& error) {
    return error.code == Errc::not_found || error.code == Errc::invalid_argument;
  };
  const auto child = Table<ChildTable>{context.store}.get({conversation_id});
  if (!child) return is_missing(child.error()) ? missing : child.error();
  auto found =
    Table<ConversationTable>{context.store}.get({child->value.agent_id, conversation_id});
  if (!found) return is_missing(found.error()) ? missing : found.error();
  if (found->value.org_id != context.org_id) return missing;
  return std::move(found->value);
}

void append_conversation_json(std::string& out, const Conversation& conversation,
                              const std::vector<std::string>& message_ids) {
  JsonObjectWriter json{out};
  json.add("created_by_id", conversation.created_by_id)
    .add("last_updated_by_id", conversation.last_updated_by_id)
    .add("created_at", conversation.created_at)
    .add("updated_at", conversation.updated_at)
    .add("id", conversation.id)
    .add("agent_id", conversation.agent_id)
    .add("summary", conversation.summary)
    .add("in_context_message_ids", message_ids)
    .add("isolated_block_ids", conversation.isolated_block_ids())
    .add("model", conversation.model)
    .add("model_settings", conversation.model_settings)
    .add("last_message_at", conversation.last_message_at);
  // Newer than the contract, whose clients know no others: where they are used.
  if (conversation.description) json.add("description", *conversation.description);
  if (conversation.context_window_limit)
    json.add("context_window_limit", *conversation.context_window_limit);
  if (conversation.archived_at)
    json.add("archived", true).add("archived_at", *conversation.archived_at);
}

Result<std::string> view(const ViewContext& context, const ListConversations& request) {
  REVERIE_TRY(const PageRequest page,
              page_request(std::nullopt, request.after, request.limit, request.order, 50, false));
  REVERIE_TRY(const auto rows, rows_of(context, request, page));
  std::vector<std::string> shown;
  for (const IndexRow& row : rows) {
    const auto conversation = find_conversation(context, last_id(row.key, Prefix::conv));
    if (!conversation) {
      if (conversation.error().code == Errc::not_found) continue;  // deleted meanwhile
      return conversation.error();
    }
    append_conversation_json(shown.emplace_back(), *conversation, {});
  }
  return json_array(shown);
}

Result<std::string> view(const ViewContext& context, const RetrieveConversation& request) {
  REVERIE_TRY(const Conversation conversation, find_conversation(context, request.conversation_id));
  const auto thread =
    Table<ContextTable>{context.store}.get({conversation.agent_id, conversation.id});
  if (!thread && thread.error().code != Errc::not_found) return thread.error();
  std::string out;
  append_conversation_json(out, conversation,
                           thread ? thread->value.message_ids() : std::vector<std::string>{});
  return out;
}

Result<std::string> view(const ViewContext& context, const ListConversationMessages& request) {
  REVERIE_TRY(const Thread thread, thread_of(request.conversation_id, request.agent_id));
  std::string agent_id = thread.object_id;
  if (!is_default_thread(thread.conversation_id)) {
    REVERIE_TRY(const Conversation conversation,
                find_conversation(context, thread.conversation_id));
    agent_id = conversation.agent_id;
  }
  REVERIE_TRY(const Agent agent, find_agent(context, agent_id));
  MessagePage wanted{thread.conversation_id, request.group_id, {}, list_options(agent)};
  REVERIE_TRY(wanted.page, page_request(request, 100, false));
  REVERIE_CHECK(choose_types(request.include_return_message_types, wanted.options));
  wanted.options.reversed = !wanted.page.is_ascending;
  REVERIE_TRY(const auto shown, page_of_messages(context, agent, wanted));
  return json_array(shown);
}

}  // namespace reverie
