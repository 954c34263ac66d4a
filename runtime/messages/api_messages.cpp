#include "runtime/messages/api_messages.hpp"

#include "config/json.hpp"
#include "config/json_text.hpp"
#include "config/json_writer.hpp"
#include "runtime/messages/answer_pieces.hpp"
#include "runtime/messages/approvals.hpp"
#include "runtime/messages/packaged.hpp"
#include "runtime/messages/speech.hpp"
#include "runtime/time_format.hpp"

#include <utility>
#include <vector>

namespace reverie {

namespace {

void append_lines(std::string& out, const std::vector<std::string>& lines) {
  if (lines.empty())
    out += "null";
  else
    append_json(out, lines);
}

// `with_parts`: what a client gave as content parts is shown as such; else as its text.
void append_return_members(std::string& out, const StoredToolReturn& result, bool with_parts) {
  out += "\"tool_return\":";
  if (with_parts && !result.parts.is_null())
    append_json(out, result.parts);
  else
    append_json_string(out, result.text);
  out += ",\"status\":";
  append_json_string(out, result.status);
  out += ",\"tool_call_id\":";
  append_json_string(out, result.tool_call_id);
  out += ",\"stdout\":";
  append_lines(out, result.stdout_lines);
  out += ",\"stderr\":";
  append_lines(out, result.stderr_lines);
}

void append_parts(std::string& out, const std::vector<ContentPart>& parts) {
  out += '[';
  bool is_first = true;
  for (const ContentPart& part : parts) {
    if (!is_first) out += ',';
    is_first = false;
    if (part.type == "image") {
      out += "{\"type\":\"image\",\"source\":";
      append_json(out, part.source);
    } else {
      out += "{\"type\":\"text\",\"text\":";
      append_json_string(out, part.text);
      out += ",\"signature\":";
      append_text_or_null(out, part.signature);
    }
    out += '}';
  }
  out += ']';
}

void append_user_content(std::string& out, const Message& message) {
  out += ",\"content\":";
  if (message.content.size() != 1 || message.content.front().type != "text") {
    append_parts(out, message.content);
    return;
  }
  const std::string& text = message.content.front().text;
  if (const auto inner = unpack_user_message(text))
    append_json_string(out, *inner);
  else
    append_json_string(out, text);
}

void append_summary_members(std::string& out, const Message& message) {
  const Summary summary = unpack_summary(text_of(message));
  out += ",\"summary\":";
  append_json_string(out, summary.text);
  out += ",\"compaction_stats\":";
  append_json(out, summary.compaction_stats);
}

// Writes one API message after another, those of the wanted types, into a list or as texts of
// their own.
class Writer {
 public:
  Writer(std::string* list, std::vector<std::string>* texts, const Message& message,
         const ApiMessageOptions& options)
    : list_(list),
      texts_(texts),
      message_(&message),
      options_(&options),
      date_(to_iso_seconds(message.created_at)) {}

  // Nothing when the type is not wanted; else where its members go, followed by close().
  std::string* open(MessageType type, std::string_view name, std::string_view otid) {
    if (!options_->types.has(type)) return nullptr;
    out_ = texts_ != nullptr ? &texts_->emplace_back() : list_;
    if (!out_->empty() && out_->back() != '[') *out_ += ',';
    *out_ += '{';
    MessageHead head;
    head.id = message_->id;
    head.date = date_;
    head.name = name;
    head.type = to_string(type);
    head.otid = otid;
    head.sender_id = view(message_->sender_id);
    head.step_id = view(message_->step_id);
    head.run_id = view(message_->run_id);
    head.is_err = message_->is_err.value_or(false);
    append_message_head(*out_, head);
    return out_;
  }

  // A message that keeps the name and otid that are stored with it.
  std::string* open(MessageType type) { return open(type, name(), view(message_->otid)); }

  void close() {
    *out_ += '}';
    ++count_;
  }

  std::string_view name() const { return view(message_->name); }
  std::size_t count() const { return count_; }

 private:
  static std::string_view view(const std::optional<std::string>& text) {
    return text ? std::string_view(*text) : std::string_view();
  }

  std::string* list_;
  std::vector<std::string>* texts_;
  std::string* out_ = nullptr;
  const Message* message_;
  const ApiMessageOptions* options_;
  std::string date_;
  std::size_t count_ = 0;
};

void write_assistant(Writer& writer, const Message& message, const ApiMessageOptions& options) {
  const std::vector<AnswerPiece> pieces = answer_pieces(message, options);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::size_t index = options.reversed ? pieces.size() - 1 - i : i;
    // What a client put into the history keeps the otid that the client gave it.
    std::string otid = index == 0 && message.otid ? *message.otid : message_otid(message.id, index);
    if (pieces[index].type == MessageType::approval_request_message) otid = message.id;
    std::string* out = writer.open(pieces[index].type, writer.name(), otid);
    if (out == nullptr) continue;
    append_answer_piece(*out, pieces[index]);
    writer.close();
  }
}

void write_returns(Writer& writer, const Message& message, const ApiMessageOptions& options) {
  std::vector<const StoredToolReturn*> shown;
  for (const StoredToolReturn& result : message.tool_returns)
    if (!shows_as_speech(result.name, options) || result.status != "success")
      shown.push_back(&result);
  if (shown.empty()) return;
  const StoredToolReturn& first = *shown.front();
  std::string* out =
    writer.open(MessageType::tool_return_message, first.name, message_otid(message.id, 0));
  if (out == nullptr) return;
  *out += ',';
  append_return_members(*out, first, false);
  *out += ",\"tool_returns\":[";
  for (const StoredToolReturn* result : shown) {
    *out += result == shown.front() ? "{\"type\":\"tool\"," : ",{\"type\":\"tool\",";
    append_return_members(*out, *result, true);
    *out += '}';
  }
  *out += ']';
  writer.close();
}

void append_decision(std::string& out, const StoredApproval& approval) {
  if (approval.returned) {
    out += "{\"type\":\"tool\",";
    append_return_members(out, *approval.returned, true);
    out += '}';
    return;
  }
  JsonObjectWriter{out}
    .add("type", std::string_view("approval"))
    .add("tool_call_id", approval.tool_call_id)
    .add("approve", approval.approve.value_or(false))
    .add("reason", approval.reason);
}

void write_decisions(Writer& writer, const Message& message) {
  std::string* out = writer.open(MessageType::approval_response_message);
  if (out == nullptr) return;
  *out += ",\"approvals\":[";
  for (const StoredApproval& approval : message.approvals) {
    if (&approval != &message.approvals.front()) *out += ',';
    append_decision(*out, approval);
  }
  *out += "],";
  const bool has_word = !message.approvals.empty() && !message.approvals.front().returned;
  const StoredApproval first = has_word ? message.approvals.front() : StoredApproval{};
  *out += "\"approve\":";
  append_json(*out, first.approve);
  *out += ",\"approval_request_id\":";
  append_json(*out, message.approval_request_id);
  *out += ",\"reason\":";
  append_json(*out, first.reason);
  writer.close();
}

void write_messages(Writer& writer, const Message& message, const ApiMessageOptions& options) {
  if (message.role == "assistant" || asks_for_approval(message))
    return write_assistant(writer, message, options);
  if (answers_approval(message)) return write_decisions(writer, message);
  if (message.role == "tool") return write_returns(writer, message, options);
  const bool is_summary = message.role == "summary";
  if (message.role == "system") {
    if (std::string* out = writer.open(MessageType::system_message)) {
      *out += ",\"content\":";
      append_json_string(*out, text_of(message));
      writer.close();
    }
  } else if (is_summary && options.shows_summaries) {
    if (std::string* out = writer.open(MessageType::summary_message)) {
      append_summary_members(*out, message);
      writer.close();
    }
  } else if (is_summary || message.role == "user") {
    if (std::string* out = writer.open(MessageType::user_message)) {
      append_user_content(*out, message);
      writer.close();
    }
  }
}

}  // namespace

void append_message_head(std::string& out, const MessageHead& head) {
  out += "\"id\":";
  append_json_string(out, head.id);
  out += ",\"date\":\"";
  out += head.date;
  out += "\",\"name\":";
  append_text_or_null(out, head.name);
  out += ",\"message_type\":\"";
  out += head.type;
  out += "\",\"otid\":";
  append_text_or_null(out, head.otid);
  out += ",\"sender_id\":";
  append_text_or_null(out, head.sender_id);
  out += ",\"step_id\":";
  append_text_or_null(out, head.step_id);
  out += head.is_err ? ",\"is_err\":true" : ",\"is_err\":null";
  out += ",\"seq_id\":null,\"run_id\":";
  append_text_or_null(out, head.run_id);
}

std::string message_otid(std::string_view message_id, std::size_t index) {
  constexpr std::string_view prefix = "message-";
  constexpr std::string_view hex = "0123456789abcdef";
  if (message_id.starts_with(prefix)) message_id.remove_prefix(prefix.size());
  std::string otid(message_id);
  if (otid.size() != 36) return otid;
  const std::size_t high = hex.find(otid[otid.size() - 2]);
  if (high == std::string_view::npos) return otid;
  const std::size_t byte = ((high << 4) & 0x80) | (index & 0x7f);
  otid[otid.size() - 2] = hex[byte >> 4];
  otid[otid.size() - 1] = hex[byte & 15];
  return otid;
}

bool is_heartbeat(const Message& message) {
  return message.role == "user" && message.content.size() == 1
         && message.content.front().text.starts_with("{\n  \"type\": \"heartbeat\",");
}

std::size_t append_api_messages(std::string& out, const Message& message,
                                const ApiMessageOptions& options) {
  Writer writer(&out, nullptr, message, options);
  write_messages(writer, message, options);
  return writer.count();
}

void append_api_message_texts(std::vector<std::string>& texts, const Message& message,
                              const ApiMessageOptions& options) {
  Writer writer(nullptr, &texts, message, options);
  write_messages(writer, message, options);
}

}  // namespace reverie
