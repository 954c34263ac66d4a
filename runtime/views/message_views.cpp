// The messages of an agent and of an organisation.

#include "runtime/agent_type.hpp"
#include "runtime/views/message_page.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace reverie {

namespace {

// How the messages of each agent are shown that a page comes upon.
class AgentOptions {
 public:
  // `wanted`: types, order and how summaries are shown.
  AgentOptions(const ViewContext& context, ApiMessageOptions wanted)
    : context_(&context), wanted_(std::move(wanted)) {}

  // Errors: those of find_agent.
  Result<ApiMessageOptions> of(const std::string& agent_id) {
    if (const auto known = known_.find(agent_id); known != known_.end()) return known->second;
    REVERIE_TRY(const Agent agent, find_agent(*context_, agent_id));
    ApiMessageOptions options = list_options(agent);
    options.types = wanted_.types;
    options.shows_summaries = wanted_.shows_summaries;
    options.reversed = wanted_.reversed;
    return known_.emplace(agent_id, std::move(options)).first->second;
  }

 private:
  const ViewContext* context_;
  ApiMessageOptions wanted_;
  std::map<std::string, ApiMessageOptions> known_;
};

// A conversation is a list of its own.
Result<std::string> list_conversation(const ViewContext& context, const ListAllMessages& request) {
  ListConversationMessages list;
  list.conversation_id = *request.conversation_id;
  list.before = request.before;
  list.after = request.after;
  list.limit = request.limit;
  list.order = request.order;
  list.include_return_message_types = request.include_return_message_types;
  const auto conversation = find_conversation(context, list.conversation_id);
  if (!conversation && conversation.error().code == Errc::not_found) return std::string("[]");
  return view(context, list);
}

}  // namespace

ApiMessageOptions list_options(const Agent& agent) {
  ApiMessageOptions options;
  options.text_is_assistant = agent_profile(agent.agent_type).text_is_assistant;
  return options;
}

Result<std::vector<Message>> messages_in(const ViewContext& context, const MessageRange& range) {
  std::vector<Message> messages;
  if (range.last < range.first || range.last == 0) return messages;
  REVERIE_TRY(const Home home, home_of(range.agent_id));
  Page<MessageTable::Key> rows{std::nullopt, Order::ascending,
                               static_cast<std::size_t>(range.last - range.first + 1)};
  if (range.first > 1)
    rows.after = MessageTable::Key{range.agent_id, static_cast<std::uint64_t>(range.first - 1)};
  REVERIE_CHECK(Table<MessageTable>{context.store}.scan_page(
    home, key_bytes(range.agent_id), rows, [&](const MessageTable::Key& key, Message message) {
      if (key.sequence_id > static_cast<std::uint64_t>(range.last)) return false;
      messages.push_back(std::move(message));
      return true;
    }));
  return messages;
}

Result<std::string> view(const ViewContext& context, const ListMessages& request) {
  REVERIE_TRY(const Agent agent, find_agent(context, request.agent_id));
  REVERIE_TRY(const PageRequest page, page_request(request, 100, false));
  ApiMessageOptions options = list_options(agent);
  REVERIE_CHECK(choose_types(request.include_return_message_types, options));
  options.use_assistant_message = request.use_assistant_message.value_or(true);
  if (request.assistant_message_tool_name) options.tool_name = *request.assistant_message_tool_name;
  if (request.assistant_message_tool_kwarg)
    options.tool_kwarg = *request.assistant_message_tool_kwarg;
  options.reversed = !page.is_ascending;
  const MessagePage wanted{request.conversation_id, request.group_id, page, std::move(options)};
  REVERIE_TRY(const auto shown, page_of_messages(context, agent, wanted));
  return json_array(shown);
}

Result<std::string> view(const ViewContext& context, const ListAllMessages& request) {
  if (request.conversation_id && !is_default_thread(*request.conversation_id))
    return list_conversation(context, request);
  REVERIE_TRY(const PageRequest page, page_request(request, 100, false));
  ApiMessageOptions wanted;
  wanted.reversed = !page.is_ascending;
  REVERIE_CHECK(choose_types(request.include_return_message_types, wanted));
  const auto find = [&](const std::string& id) { return find_message(context, id); };
  REVERIE_TRY(const IndexPage rows,
              page_by_created(messages_by_created, context.org_id, page, find));
  AgentOptions options{context, std::move(wanted)};
  std::vector<std::string> shown;
  std::optional<Error> failure;
  // Whether the row's message is on the page. It or its agent may have gone meanwhile.
  const auto show_row = [&](std::string_view key) -> Result<bool> {
    REVERIE_TRY(const Message message, find(last_id(key, Prefix::message)));
    REVERIE_TRY(const ApiMessageOptions how, options.of(message.agent_id));
    return show_message(message, how, shown);
  };
  REVERIE_CHECK(read_page(context.store, rows, [&](std::string_view key, std::string_view value) {
    if (failure || !is_in_conversation(request.conversation_id, value)) return false;
    const auto is_shown = show_row(key);
    if (!is_shown && is_shown.error().code != Errc::not_found) failure = is_shown.error();
    return is_shown && *is_shown;
  }));
  if (failure) return *std::move(failure);
  if (page.is_backwards()) std::reverse(shown.begin(), shown.end());
  return json_array(shown);
}

Result<std::string> view(const ViewContext& context, const RetrieveMessage& request) {
  REVERIE_TRY(const Message message, find_message(context, request.message_id));
  REVERIE_TRY(const Agent agent, find_agent(context, message.agent_id));
  std::string out = "[";
  append_api_messages(out, message, list_options(agent));
  return out += ']';
}

}  // namespace reverie
