// The messages of an agent and of an organisation.

#include "runtime/agent_type.hpp"
#include "runtime/views/view_parts.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace reverie {

namespace {

// Errors: not_found, also when it belongs to another organisation; corruption, unavailable.
Result<Message> find_message(const ViewContext& context, const std::string& id) {
  const Error missing{Errc::not_found, "Message with id '" + id + "' not found", ""};
  const auto child = Table<ChildTable>{context.store}.get({id});
  if (!child) return child.error().code == Errc::not_found ? missing : child.error();
  auto message = Table<MessageTable>{context.store}.get(
    {child->value.agent_id, static_cast<std::uint64_t>(child->value.sequence_id)});
  if (!message) return message.error().code == Errc::not_found ? missing : message.error();
  if (message->value.id != id || message->value.org_id != context.org_id) return missing;
  return std::move(message->value);
}

// The place of a cursor in the agent's messages. Errors: those of find_message.
Result<std::optional<std::uint64_t>> cursor(const ViewContext& context, const Agent& agent,
                                            const std::optional<std::string>& id) {
  if (!id) return std::optional<std::uint64_t>{};
  REVERIE_TRY(const Message message, find_message(context, *id));
  if (message.agent_id == agent.id)
    return std::optional{static_cast<std::uint64_t>(message.sequence_id)};
  return Error{Errc::not_found, "Message with id '" + *id + "' not found", ""};
}

// `id` is that of a message's conversation, empty in the agent's default thread.
bool is_in_conversation(const std::optional<std::string>& wanted, std::string_view id) {
  return !wanted || (*wanted == "default" ? id.empty() : id == *wanted);
}

template <class Request>
Result<MessageTypeSet> wanted_types(const Request& request) {
  if (request.include_return_message_types.empty()) return MessageTypeSet{};
  auto types = MessageTypeSet::parse(request.include_return_message_types);
  if (!types) return std::move(types).error().in("query.include_return_message_types");
  return types;
}

// Adds what a message is shown as. One that is shown as nothing takes no place on a page, since
// the clients' iterators stop at an empty one. Returns whether it takes one.
bool show(const Message& message, const ApiMessageOptions& options,
          std::vector<std::string>& shown) {
  std::string text;
  if (append_api_messages(text, message, options) == 0) return false;
  shown.push_back(std::move(text));
  return true;
}

// A page of an agent's messages as they are shown, in the order of the request; cursors are
// relative to it.
Result<std::vector<std::string>> page_of_messages(const ViewContext& context, const Agent& agent,
                                                  const ListMessages& request,
                                                  const PageRequest& page,
                                                  const ApiMessageOptions& options) {
  REVERIE_TRY(const Home home, home_of(agent.id));
  REVERIE_TRY(const auto after, cursor(context, agent, page.after));
  REVERIE_TRY(const auto before, cursor(context, agent, page.before));
  const bool is_backwards = page.is_backwards();
  const bool is_up = page.is_ascending != is_backwards;
  const auto& start = is_backwards ? before : after;
  Page<MessageTable::Key> rows{std::nullopt, is_up ? Order::ascending : Order::descending,
                               std::numeric_limits<std::size_t>::max()};
  if (start) rows.after = MessageTable::Key{agent.id, *start};
  std::vector<std::string> shown;
  if (page.limit == 0) return shown;
  REVERIE_CHECK(Table<MessageTable>{context.store}.scan_page(
    home, key_bytes(agent.id), rows, [&](const MessageTable::Key& key, const Message& message) {
      if (!is_backwards && before && key.sequence_id == *before) return false;
      if ((!request.group_id || message.group_id == *request.group_id)
          && is_in_conversation(request.conversation_id, message.conversation_id.value_or("")))
        show(message, options, shown);
      return shown.size() < page.limit;
    }));
  if (is_backwards) std::reverse(shown.begin(), shown.end());
  return shown;
}

// How the messages of each agent are shown that a page comes upon.
class AgentOptions {
 public:
  AgentOptions(const ViewContext& context, MessageTypeSet types, bool is_reversed)
    : context_(&context), types_(types), is_reversed_(is_reversed) {}

  // Errors: those of find_agent.
  Result<ApiMessageOptions> of(const std::string& agent_id) {
    if (const auto known = known_.find(agent_id); known != known_.end()) return known->second;
    REVERIE_TRY(const Agent agent, find_agent(*context_, agent_id));
    ApiMessageOptions options = list_options(agent);
    options.types = types_;
    options.reversed = is_reversed_;
    return known_.emplace(agent_id, std::move(options)).first->second;
  }

 private:
  const ViewContext* context_;
  MessageTypeSet types_;
  bool is_reversed_;
  std::map<std::string, ApiMessageOptions> known_;
};

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
  REVERIE_TRY(options.types, wanted_types(request));
  options.use_assistant_message = request.use_assistant_message.value_or(true);
  if (request.assistant_message_tool_name) options.tool_name = *request.assistant_message_tool_name;
  if (request.assistant_message_tool_kwarg)
    options.tool_kwarg = *request.assistant_message_tool_kwarg;
  options.reversed = !page.is_ascending;
  REVERIE_TRY(const auto shown, page_of_messages(context, agent, request, page, options));
  return json_array(shown);
}

Result<std::string> view(const ViewContext& context, const ListAllMessages& request) {
  REVERIE_TRY(const PageRequest page, page_request(request, 100, false));
  REVERIE_TRY(const MessageTypeSet types, wanted_types(request));
  const auto find = [&](const std::string& id) { return find_message(context, id); };
  REVERIE_TRY(const IndexPage rows,
              page_by_created(messages_by_created, context.org_id, page, find));
  AgentOptions options{context, types, !page.is_ascending};
  std::vector<std::string> shown;
  std::optional<Error> failure;
  // Whether the row's message is on the page. It or its agent may have gone meanwhile.
  const auto show_row = [&](std::string_view key) -> Result<bool> {
    REVERIE_TRY(const Message message, find(last_id(key, Prefix::message)));
    REVERIE_TRY(const ApiMessageOptions how, options.of(message.agent_id));
    return show(message, how, shown);
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
