#include "runtime/messages/packaged.hpp"

#include "config/json.hpp"
#include "config/json_text.hpp"
#include "runtime/time_format.hpp"

namespace reverie {

namespace {

constexpr std::string_view summary_note =
  "Earlier messages of this conversation are not shown any more. This stands in their place; they "
  "themselves are in the message history.\n\n";

// Members of an object, one per line.
class Envelope {
 public:
  void add(std::string_view name, std::string_view text) {
    open(name);
    append_json_string(out_, text);
  }
  void add_raw(std::string_view name, std::string_view json) {
    open(name);
    out_ += json;
  }
  std::string finish() && { return std::move(out_) + "\n}"; }

 private:
  void open(std::string_view name) {
    out_ += out_.empty() ? "{\n  \"" : ",\n  \"";
    out_ += name;
    out_ += "\": ";
  }
  std::string out_;
};

// A member of a packaged object, when the text is one of that type.
Json read_envelope(std::string_view text, std::string_view type) {
  if (!text.starts_with('{')) return {};
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("type", Json()) != Json(type)) return {};
  return json;
}

}  // namespace

std::string packaged_tool_return(std::string_view text, bool is_error, Timestamp time,
                                 std::string_view timezone) {
  Envelope envelope;
  envelope.add("status", is_error ? "Failed" : "OK");
  // The text of an object goes in as it is: parsing and writing it anew would sort its members.
  if (text.starts_with('{') && Json::accept(text))
    envelope.add_raw("message", text);
  else
    envelope.add("message", text);
  envelope.add("time", local_time_text(time, timezone));
  return std::move(envelope).finish();
}

std::string packaged_heartbeat(std::string_view reason, Timestamp time, std::string_view timezone) {
  Envelope envelope;
  envelope.add("type", "heartbeat");
  envelope.add("reason", reason);
  envelope.add("time", local_time_text(time, timezone));
  return std::move(envelope).finish();
}

std::string packaged_login(Timestamp time, std::string_view timezone) {
  Envelope envelope;
  envelope.add("type", "login");
  envelope.add("last_login", "Never (first login)");
  envelope.add("time", local_time_text(time, timezone));
  return std::move(envelope).finish();
}

std::string packaged_summary(std::string_view summary, const RawJson& compaction_stats,
                             Timestamp time, std::string_view timezone) {
  Envelope envelope;
  envelope.add("type", "system_alert");
  envelope.add("message", std::string(summary_note) + std::string(summary));
  envelope.add("time", local_time_text(time, timezone));
  if (!compaction_stats.is_null()) envelope.add_raw("compaction_stats", compaction_stats.text);
  return std::move(envelope).finish();
}

Summary unpack_summary(std::string_view text) {
  const Json json = read_envelope(text, "system_alert");
  if (json.is_null() || !json.contains("message") || !json["message"].is_string())
    return {std::string(text), {}};
  Summary summary{json["message"].get<std::string>(), {}};
  if (summary.text.starts_with(summary_note)) summary.text.erase(0, summary_note.size());
  if (json.contains("compaction_stats"))
    summary.compaction_stats = *from_json<RawJson>(json["compaction_stats"]);
  return summary;
}

std::optional<std::string> unpack_user_message(std::string_view text) {
  // Looked for before the text is parsed: nearly every message of a user is none of these.
  if (!text.starts_with('{') || text.find("\"user_message\"") == std::string_view::npos) return {};
  const Json json = read_envelope(text, "user_message");
  if (json.is_null() || !json.contains("message") || !json["message"].is_string()) return {};
  return json["message"].get<std::string>();
}

std::string text_of(const MessageContent& message) {
  std::string out;
  bool is_first = true;
  for (const ContentPart& part : message.content) {
    if (part.type != "text") continue;
    if (!is_first) out += '\n';
    is_first = false;
    out += part.text;
  }
  return out;
}

}  // namespace reverie
