#include "runtime/views/message_page.hpp"

#include <algorithm>
#include <limits>

namespace reverie {

namespace {

// The message that a cursor names. Errors: those of find_message.
Result<std::optional<Message>> cursor(const ViewContext& context, const Agent& agent,
                                      const std::optional<std::string>& id) {
  if (!id) return std::optional<Message>{};
  REVERIE_TRY(Message message, find_message(context, *id));
  if (message.agent_id == agent.id) return std::optional{std::move(message)};
  return Error{Errc::not_found, "Message with id '" + *id + "' not found", ""};
}

// The rows that a page may show, from its cursor on. `take(row)` returns false when it is full.
template <TableSchema Schema>
struct Rows {
  std::string prefix;
  std::optional<typename Schema::Key> after;
  std::optional<typename Schema::Key> before;
};

template <TableSchema Schema, class Take>
Status walk(const ViewContext& context, const Agent& agent, const PageRequest& page,
            const Rows<Schema>& rows, Take&& take) {
  using Key = typename Schema::Key;
  REVERIE_TRY(const Home home, home_of(agent.id));
  const bool is_backwards = page.is_backwards();
  const bool is_up = page.is_ascending != is_backwards;
  const Page<Key> scan{is_backwards ? rows.before : rows.after,
                       is_up ? Order::ascending : Order::descending,
                       std::numeric_limits<std::size_t>::max()};
  const auto is_behind = [&](const Key& key) {
    if (is_backwards || !rows.before) return false;
    return is_up ? key.parts() >= rows.before->parts() : key.parts() <= rows.before->parts();
  };
  return Table<Schema>{context.store}.scan_page(
    home, rows.prefix, scan, [&](const Key& key, const typename Schema::Value& row) {
      return !is_behind(key) && take(row);
    });
}

MessageTable::Key key_of(const Message& message) {
  return {message.agent_id, static_cast<std::uint64_t>(message.sequence_id)};
}

// The system message has the first place, whenever it was made.
Result<ConversationMessageTable::Key> key_in(const ViewContext& context,
                                             const std::string& conversation_id,
                                             const Message& message) {
  ConversationMessageTable::Key key{message.agent_id, conversation_id, 0};
  const auto first = Table<ConversationMessageTable>{context.store}.get(key);
  if (!first && first.error().code != Errc::not_found) return first.error();
  if (!first || first->value.sequence_id != message.sequence_id)
    key.position = static_cast<std::uint64_t>(message.sequence_id);
  return key;
}

// What a page collects.
class Shown {
 public:
  explicit Shown(const MessagePage& wanted) : wanted_(wanted) {}

  // Returns whether there is room for more.
  bool add(const Message& message) {
    if (!wanted_.group_id || message.group_id == *wanted_.group_id)
      show_message(message, wanted_.options, shown_);
    return shown_.size() < wanted_.page.limit;
  }

  std::vector<std::string> take() {
    if (wanted_.page.is_backwards()) std::reverse(shown_.begin(), shown_.end());
    return std::move(shown_);
  }

 private:
  const MessagePage& wanted_;
  std::vector<std::string> shown_;
};

Result<std::vector<std::string>> page_of_agent(const ViewContext& context, const Agent& agent,
                                               const MessagePage& wanted) {
  REVERIE_TRY(const auto after, cursor(context, agent, wanted.page.after));
  REVERIE_TRY(const auto before, cursor(context, agent, wanted.page.before));
  Rows<MessageTable> rows{key_bytes(agent.id), {}, {}};
  if (after) rows.after = key_of(*after);
  if (before) rows.before = key_of(*before);
  Shown shown{wanted};
  REVERIE_CHECK(walk(context, agent, wanted.page, rows, [&](const Message& message) {
    if (!is_in_conversation(wanted.conversation_id, message.conversation_id.value_or("")))
      return true;
    return shown.add(message);
  }));
  return shown.take();
}

Result<std::vector<std::string>> page_of_conversation(const ViewContext& context,
                                                      const Agent& agent,
                                                      const MessagePage& wanted) {
  const std::string& id = *wanted.conversation_id;
  REVERIE_TRY(const auto after, cursor(context, agent, wanted.page.after));
  REVERIE_TRY(const auto before, cursor(context, agent, wanted.page.before));
  Rows<ConversationMessageTable> rows{key_bytes(agent.id, id), {}, {}};
  if (after) {
    REVERIE_TRY(rows.after, key_in(context, id, *after));
  }
  if (before) {
    REVERIE_TRY(rows.before, key_in(context, id, *before));
  }
  const Table<MessageTable> messages{context.store};
  Shown shown{wanted};
  std::optional<Error> failure;
  REVERIE_CHECK(walk(context, agent, wanted.page, rows, [&](const ConversationMessage& row) {
    const auto message = messages.get({agent.id, static_cast<std::uint64_t>(row.sequence_id)});
    if (message) return shown.add(message->value);
    if (message.error().code != Errc::not_found) failure = message.error();
    return !failure;
  }));
  if (failure) return *std::move(failure);
  return shown.take();
}

}  // namespace

Result<std::vector<std::string>> page_of_messages(const ViewContext& context, const Agent& agent,
                                                  const MessagePage& wanted) {
  const bool is_conversation =
    wanted.conversation_id && !is_default_thread(*wanted.conversation_id);
  if (wanted.page.limit == 0) return std::vector<std::string>{};
  return is_conversation ? page_of_conversation(context, agent, wanted)
                         : page_of_agent(context, agent, wanted);
}

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

bool show_message(const Message& message, const ApiMessageOptions& options,
                  std::vector<std::string>& shown) {
  std::string text;
  if (append_api_messages(text, message, options) == 0) return false;
  shown.push_back(std::move(text));
  return true;
}

bool is_in_conversation(const std::optional<std::string>& wanted, std::string_view id) {
  return !wanted || (is_default_thread(*wanted) ? id.empty() : id == *wanted);
}

Status choose_types(const std::vector<std::string>& names, ApiMessageOptions& options) {
  if (names.empty()) return {};
  auto types = MessageTypeSet::parse(names);
  if (!types) return std::move(types).error().in("query.include_return_message_types");
  options.types = *types;
  options.shows_summaries = types->has(MessageType::summary_message);
  return {};
}

}  // namespace reverie
