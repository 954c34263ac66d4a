#include "net/websocket_frames.hpp"

#include "config/json_writer.hpp"
#include "net/json_body.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace reverie {

namespace {

// The members of an approve frame that are the message; all others are as in a send frame.
constexpr std::array<std::string_view, 5> approval_members{"approvals", "approve",
                                                           "approval_request_id", "reason", "otid"};

// Takes a text out of the frame; null is as good as nothing. Errors: invalid_argument.
Result<std::optional<std::string>> take_text(Json& frame, const char* name) {
  const auto found = frame.find(name);
  if (found == frame.end()) return std::optional<std::string>{};
  if (!found->is_string() && !found->is_null()) return expected("string", *found).in(name);
  std::optional<std::string> text;
  if (found->is_string()) text = std::move(found->get_ref<std::string&>());
  frame.erase(found);
  return text;
}

Error is_required(const char* name) {
  return {Errc::invalid_argument, "field required", name};
}

Result<std::string> require_text(Json& frame, const char* name) {
  REVERIE_TRY(auto text, take_text(frame, name));
  if (!text || text->empty()) return is_required(name);
  return *std::move(text);
}

Result<FrameType> take_type(Json& frame) {
  REVERIE_TRY(const std::string name, require_text(frame, "type"));
  const auto found = std::find(frame_types.begin(), frame_types.end(), name);
  if (found != frame_types.end()) return static_cast<FrameType>(found - frame_types.begin());
  std::string known;
  for (const std::string_view type : frame_types)
    known.append(known.empty() ? "" : ", ").append(type);
  return Error{Errc::invalid_argument, "expected one of " + known, "type"};
}

Status take_id(Json& frame, std::string& id) {
  REVERIE_TRY(auto text, take_text(frame, "id"));
  if (text && text->size() > frame_id_bytes_max)
    return Error{Errc::invalid_argument,
                 "expected at most " + std::to_string(frame_id_bytes_max) + " bytes", "id"};
  id = std::move(text).value_or("");
  return {};
}

// The socket has pings of its own; a client may still ask for those of the stream.
void without_pings(Json& body) {
  if (!body.contains("include_pings")) body["include_pings"] = false;
}

// A run that a socket starts goes on without it.
Status read_send(Json& frame, ClientFrame& out) {
  REVERIE_TRY(auto conversation_id, take_text(frame, "conversation_id"));
  if (conversation_id) {
    out.operation_id = "send_conversation_message";
    out.path_value = *std::move(conversation_id);
  } else {
    REVERIE_TRY(auto agent_id, take_text(frame, "agent_id"));
    if (!agent_id)
      return Error{Errc::invalid_argument, "agent_id or conversation_id is required", "agent_id"};
    out.operation_id = "create_agent_message_stream";
    out.path_value = *std::move(agent_id);
  }
  frame["background"] = true;
  frame["streaming"] = true;
  without_pings(frame);
  out.body = std::move(frame);
  return {};
}

Status read_approve(Json& frame, ClientFrame& out) {
  if (!frame.contains("approvals") && !frame.contains("approve")) return is_required("approvals");
  for (const char* other : {"messages", "input"})
    if (frame.contains(other))
      return Error{Errc::invalid_argument, "an approve frame says nothing else", other};
  Json message{{"type", "approval"}};
  for (const std::string_view name : approval_members) {
    const auto found = frame.find(name);
    if (found == frame.end()) continue;
    message[std::string(name)] = std::move(*found);
    frame.erase(found);
  }
  frame["messages"] = Json::array({std::move(message)});
  return read_send(frame, out);
}

Status read_resume(Json& frame, ClientFrame& out) {
  REVERIE_TRY(auto conversation_id, take_text(frame, "conversation_id"));
  if (conversation_id) {
    out.operation_id = "retrieve_conversation_stream";
    out.path_value = *std::move(conversation_id);
  } else {
    REVERIE_TRY(out.path_value, require_text(frame, "run_id"));
    out.operation_id = "retrieve_stream_for_run";
  }
  without_pings(frame);
  out.body = std::move(frame);
  return {};
}

Status read_cancel(Json& frame, ClientFrame& out) {
  REVERIE_TRY(out.path_value, require_text(frame, "run_id"));
  out.operation_id = "cancel_run";
  return {};
}

Status read_members(Json& frame, ClientFrame& out) {
  switch (out.type) {
    case FrameType::send: return read_send(frame, out);
    case FrameType::approve: return read_approve(frame, out);
    case FrameType::resume: return read_resume(frame, out);
    case FrameType::cancel: return read_cancel(frame, out);
    case FrameType::leave:
    case FrameType::ping: return {};
  }
  return {};
}

// {"type": ..., "id": ...} and, when it is known, the run; what follows is added by the caller.
class FrameWriter {
 public:
  FrameWriter(std::string& out, std::string_view type, std::string_view id) : object_(out) {
    object_.add("type", type);
    if (id.empty())
      object_.add_null("id");
    else
      object_.add("id", id);
  }
  JsonObjectWriter* operator->() { return &object_; }

 private:
  JsonObjectWriter object_;
};

std::string plain_frame(std::string_view type, std::string_view id) {
  std::string out;
  FrameWriter{out, type, id};
  return out;
}

std::string run_frame(std::string_view type, std::string_view id, std::string_view run_id) {
  std::string out;
  FrameWriter {
    out, type, id
    } -> add("run_id", run_id);
  return out;
}

}  // namespace

Result<ClientFrame> read_client_frame(std::string_view text, std::string& id) {
  id.clear();
  auto read = read_json_body(text);
  if (!read) {
    Error error = std::move(read).error();
    error.where = "frame";
    return error;
  }
  Json frame = *std::move(read);
  if (!frame.is_object()) return expected("object", frame).in("frame");
  REVERIE_CHECK(take_id(frame, id));
  ClientFrame out;
  REVERIE_TRY(out.type, take_type(frame));
  if (id.empty() && out.type != FrameType::ping) return is_required("id");
  out.id = id;
  REVERIE_CHECK(read_members(frame, out));
  return out;
}

std::string started_frame(std::string_view id, std::string_view run_id) {
  return run_frame("started", id, run_id);
}

std::string event_frame(std::string_view id, std::string_view run_id, std::string_view event) {
  std::string out;
  out.reserve(event.size() + id.size() + run_id.size() + 64);
  FrameWriter {
    out, "event", id
    } -> add("run_id", run_id).add_json("event", event);
  return out;
}

std::string done_frame(std::string_view id, std::string_view run_id) {
  return run_frame("done", id, run_id);
}

std::string result_frame(std::string_view id, std::string_view result) {
  std::string out;
  FrameWriter {
    out, "result", id
    } -> add_json("result", result);
  return out;
}

std::string error_frame(std::string_view id, int status, std::string_view body) {
  std::string out;
  FrameWriter {
    out, "error", id
    } -> add("status", std::int64_t{status}).add_json("error", body);
  return out;
}

std::string left_frame(std::string_view id) {
  return plain_frame("left", id);
}

std::string pong_frame(std::string_view id) {
  return plain_frame("pong", id);
}

}  // namespace reverie
