#include "runtime/messages/approvals.hpp"

#include "config/ids.hpp"
#include "runtime/messages/image.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace reverie {

namespace {

using Ids = std::set<std::string_view>;

Ids ids_of(const std::vector<StoredToolCall>& calls) {
  Ids ids;
  for (const StoredToolCall& call : calls) ids.insert(call.id);
  return ids;
}

Ids ids_of(const std::vector<StoredApproval>& approvals) {
  Ids ids;
  for (const StoredApproval& approval : approvals) ids.insert(approval.tool_call_id);
  return ids;
}

std::string list_of(const Ids& ids) {
  std::string out = "[";
  for (const std::string_view id : ids) {
    if (out.size() > 1) out += ", ";
    out.append("'").append(id).append("'");
  }
  return out + "]";
}

template <class T>
Result<T> read_member(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end()) return Error{Errc::invalid_argument, "field required", name};
  auto value = from_json<T>(*found);
  if (!value) return std::move(value).error().in(name);
  return value;
}

template <class T>
Result<std::optional<T>> read_optional(const Json& json, const char* name) {
  if (!json.contains(name)) return std::optional<T>{};
  return read_member<std::optional<T>>(json, name);
}

// A content part of a return, as it is stored.
Result<Json> read_part(const Json& part, std::int64_t image_bytes_max) {
  if (!part.is_object()) return expected("object", part);
  const Json type = part.value("type", Json("text"));
  if (type == "text") {
    REVERIE_TRY(auto text, read_member<std::string>(part, "text"));
    return Json{{"type", "text"}, {"text", std::move(text)}};
  }
  if (type != "image")
    return Error{Errc::invalid_argument,
                 type.dump(-1, ' ', false, Json::error_handler_t::replace)
                   + " is no content that a tool can return, use text or image",
                 "type"};
  const auto source = part.find("source");
  if (source == part.end()) return Error{Errc::invalid_argument, "field required", "source"};
  auto image = read_image_source(*source, image_bytes_max);
  if (!image) return std::move(image).error().in("source");
  return Json{{"type", "image"}, {"source", base64_image_source(*image)}};
}

// What a client returned as content parts. Images have no text.
Status read_parts(const Json& given, std::int64_t image_bytes_max, StoredToolReturn& out) {
  Json parts = Json::array();
  for (std::size_t i = 0; i < given.size(); ++i) {
    auto part = read_part(given[i], image_bytes_max);
    if (!part) return std::move(part).error().in(std::to_string(i));
    if ((*part)["type"] == "text") {
      if (!out.text.empty()) out.text += '\n';
      out.text += (*part)["text"].get_ref<const std::string&>();
    }
    parts.push_back(*std::move(part));
  }
  out.parts = RawJson{parts.dump(-1, ' ', false, Json::error_handler_t::replace)};
  return {};
}

Result<StoredToolReturn> read_return(const Json& json, std::int64_t image_bytes_max) {
  StoredToolReturn out;
  REVERIE_TRY(out.tool_call_id, read_member<std::string>(json, "tool_call_id"));
  REVERIE_TRY(out.status, read_member<std::string>(json, "status"));
  if (out.status != "success" && out.status != "error")
    return Error{Errc::invalid_argument, "expected success or error, got '" + out.status + "'",
                 "status"};
  const auto returned = json.find("tool_return");
  if (returned == json.end()) return Error{Errc::invalid_argument, "field required", "tool_return"};
  if (returned->is_array()) {
    if (auto read = read_parts(*returned, image_bytes_max, out); !read)
      return std::move(read).error().in("tool_return");
  } else if (returned->is_string()) {
    out.text = returned->get<std::string>();
  } else {
    return expected("string or array of content parts", *returned).in("tool_return");
  }
  REVERIE_TRY(auto stdout_lines, read_optional<std::vector<std::string>>(json, "stdout"));
  REVERIE_TRY(auto stderr_lines, read_optional<std::vector<std::string>>(json, "stderr"));
  out.stdout_lines = std::move(stdout_lines).value_or(std::vector<std::string>{});
  out.stderr_lines = std::move(stderr_lines).value_or(std::vector<std::string>{});
  return out;
}

Result<StoredApproval> read_decision(const Json& json, std::string_view default_type,
                                     std::int64_t image_bytes_max) {
  if (!json.is_object()) return expected("object", json);
  const auto type = json.find("type");
  const std::string name =
    type != json.end() && type->is_string() ? type->get<std::string>() : std::string(default_type);
  StoredApproval out;
  if (name == "tool") {
    REVERIE_TRY(out.returned, read_return(json, image_bytes_max));
    out.tool_call_id = out.returned->tool_call_id;
    return out;
  }
  if (name != "approval")
    return Error{Errc::invalid_argument, "expected approval or tool, got '" + name + "'", "type"};
  REVERIE_TRY(out.tool_call_id, read_member<std::string>(json, "tool_call_id"));
  REVERIE_TRY(out.approve, read_member<bool>(json, "approve"));
  REVERIE_TRY(out.reason, read_optional<std::string>(json, "reason"));
  return out;
}

Status read_list(const Json& json, const char* member, std::string_view default_type,
                 std::int64_t image_bytes_max, Message& answer) {
  const Json& list = json[member];
  if (!list.is_array()) return expected("array", list).in(member);
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto decision = read_decision(list[i], default_type, image_bytes_max);
    if (!decision) return std::move(decision).error().in(std::to_string(i)).in(member);
    answer.approvals.push_back(*std::move(decision));
  }
  return {};
}

}  // namespace

bool asks_for_approval(const MessageContent& message) {
  return message.role == "approval" && !message.tool_calls.empty();
}

bool answers_approval(const Message& message) {
  return message.role == "approval" && message.tool_calls.empty();
}

std::string approval_request_id(std::string_view message_id) {
  std::string bytes = uuid_bytes(message_id);
  for (std::size_t i = bytes.size(); i-- > 0;) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    bytes[i] = static_cast<char>(byte - 1);
    if (byte != 0) break;
  }
  return id_of_uuid(Prefix::message, bytes);
}

Status read_approvals(const Json& json, std::int64_t image_bytes_max, Message& answer) {
  const auto is_given = [&](const char* name) {
    const auto found = json.find(name);
    return found != json.end() && !found->is_null();
  };
  if (is_given("tool_returns"))
    return read_list(json, "tool_returns", "tool", image_bytes_max, answer);
  REVERIE_TRY(answer.approval_request_id, read_optional<std::string>(json, "approval_request_id"));
  if (is_given("approvals"))
    return read_list(json, "approvals", "approval", image_bytes_max, answer);
  if (!is_given("approve")) return {};  // decides nothing: what it is matched with says so
  StoredApproval decision;
  REVERIE_TRY(decision.approve, read_member<bool>(json, "approve"));
  REVERIE_TRY(decision.reason, read_optional<std::string>(json, "reason"));
  decision.tool_call_id = answer.approval_request_id.value_or("");
  answer.approvals.push_back(std::move(decision));
  return {};
}

Status match_approvals(const Message& request, Message& answer) {
  if (answer.approvals.size() == 1 && request.tool_calls.size() == 1
      && answer.approvals.front().tool_call_id == request.id)
    answer.approvals.front().tool_call_id = request.tool_calls.front().id;
  const Ids asked = ids_of(request.tool_calls);
  const Ids decided = ids_of(answer.approvals);
  if (asked != decided || decided.size() != answer.approvals.size())
    return Error{Errc::bad_request,
                 "Invalid tool call IDs. Expected '" + list_of(asked) + "', but received '"
                   + list_of(decided) + "'",
                 ""};
  for (StoredApproval& approval : answer.approvals) {
    if (!approval.returned) continue;
    const auto call =
      std::find_if(request.tool_calls.begin(), request.tool_calls.end(),
                   [&](const StoredToolCall& each) { return each.id == approval.tool_call_id; });
    approval.returned->name = call->name;
  }
  return {};
}

bool was_answered(const Message& answer, std::span<const Message> messages) {
  const Ids decided = ids_of(answer.approvals);
  if (decided.empty()) return false;
  return std::any_of(messages.begin(), messages.end(), [&](const Message& message) {
    if (message.role != "tool") return false;
    Ids returned;
    for (const StoredToolReturn& each : message.tool_returns) returned.insert(each.tool_call_id);
    return std::includes(returned.begin(), returned.end(), decided.begin(), decided.end());
  });
}

Error pending_approval(std::string_view request_id) {
  return {Errc::pending_approval,
          "CONFLICT: Cannot send a new message: The agent is waiting for approval on a tool call. "
          "Please approve or deny the pending request before continuing.",
          std::string(request_id)};
}

Error nothing_pending() {
  return {Errc::bad_request,
          "Cannot process approval response: No tool call is currently awaiting approval.", ""};
}

std::string denial_text(const std::optional<std::string>& reason) {
  std::string text = "Error: request to call tool denied.";
  if (reason && !reason->empty()) text += " User reason: " + *reason;
  return text;
}

std::string keep_alive_text() {
  return "<system-alert>keep-alive: this answer to a tool call had arrived before; go on from "
         "there.</system-alert>";
}

std::vector<StoredApproval> denied_approvals(const Message& request, std::string_view reason) {
  std::vector<StoredApproval> out;
  for (const StoredToolCall& call : request.tool_calls)
    out.push_back({call.id, false, std::string(reason), std::nullopt});
  return out;
}

}  // namespace reverie
