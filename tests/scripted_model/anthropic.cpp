#include "config/json_text.hpp"
#include "tests/scripted_model/dialect.hpp"
#include "tests/scripted_model/history.hpp"

#include <nlohmann/json.hpp>

namespace reverie::scripted::anthropic {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view signature = "c2NyaXB0ZWQ=";  // base64 of "scripted"

std::string stop_reason(const Reply& reply) {
  const std::string& finish = reply.step.finish;
  if (finish == "length") return "max_tokens";
  if (finish == "stop") return "end_turn";
  if (finish == "tool_calls") return "tool_use";
  if (!finish.empty()) return finish;
  return reply.calls.empty() ? "end_turn" : "tool_use";
}

Json usage_json(const TokenUsage& usage, std::int64_t output_tokens) {
  return {{"input_tokens", usage.prompt},
          {"cache_creation_input_tokens", 0},
          {"cache_read_input_tokens", usage.cached},
          {"output_tokens", output_tokens},
          {"service_tier", "standard"}};
}

std::string message_id(const Reply& reply) {
  return "msg_" + reply.id.substr(0, 24);
}

std::string tool_use_id(const Reply& reply, std::size_t index) {
  return "toolu_" + call_id(reply, index);
}

Json message_json(const Exchange& exchange, Json content, Json stop, std::int64_t output_tokens) {
  return {{"id", message_id(exchange.reply)},
          {"type", "message"},
          {"role", "assistant"},
          {"model", exchange.request.model},
          {"content", std::move(content)},
          {"stop_reason", std::move(stop)},
          {"stop_sequence", nullptr},
          {"usage", usage_json(exchange.usage, output_tokens)}};
}

Json blocks_json(const Reply& reply) {
  Json blocks = Json::array();
  if (!reply.reasoning.empty())
    blocks.push_back(
      {{"type", "thinking"}, {"thinking", reply.reasoning}, {"signature", signature}});
  if (!reply.content.value_or("").empty())
    blocks.push_back({{"type", "text"}, {"text", *reply.content}});
  for (std::size_t i = 0; i < reply.calls.size(); ++i) {
    // The format has no room for arguments that are no object.
    Json input = Json::parse(reply.calls[i].arguments, nullptr, false);
    if (!input.is_object()) input = Json::object();
    blocks.push_back({{"type", "tool_use"},
                      {"id", tool_use_id(reply, i)},
                      {"name", reply.calls[i].name},
                      {"input", std::move(input)}});
  }
  return blocks;
}

std::string message(const Exchange& exchange) {
  const Reply& reply = exchange.reply;
  if (reply.step.malformed == Malformed::body) return R"({"id": "msg_broken", "content": [)";
  Json blocks = reply.step.malformed == Malformed::empty ? Json::array() : blocks_json(reply);
  return message_json(exchange, std::move(blocks), stop_reason(reply), exchange.usage.completion)
    .dump();
}

class EventWriter {
 public:
  explicit EventWriter(const Exchange& exchange) : exchange_(exchange) {}

  void event(const std::string& name, const std::string& members) {
    text() += "event: " + name + "\ndata: {\"type\":\"" + name + '"';
    if (!members.empty()) (text() += ',') += members;
    text() += "}\n\n";
    out_.end_event(false);
  }

  void raw_payload(std::string_view event) {
    text() += event;
    out_.end_event(true);
  }

  void begin_block(const std::string& block) {
    event("content_block_start", index() + R"(,"content_block":)" + block);
  }

  // `type` is the kind of delta and `name` the member that has the text.
  void deltas(std::string_view type, std::string_view name, std::string_view whole) {
    for (const auto piece : pieces(whole, exchange_.reply.step.chunks, exchange_.chunk_words)) {
      delta(type, name, piece);
      out_.end_event(true);
    }
  }

  void quiet_delta(std::string_view type, std::string_view name, std::string_view piece) {
    delta(type, name, piece);
    out_.end_event(false);
  }

  void end_block() {
    event("content_block_stop", index());
    ++index_;
  }

  EventStream take() { return std::move(out_); }

 private:
  std::string& text() { return out_.text(); }
  std::string index() const { return "\"index\":" + std::to_string(index_); }

  void delta(std::string_view type, std::string_view name, std::string_view piece) {
    text() += "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",";
    ((text() += index()) += R"(,"delta":{"type":")") += type;
    ((text() += R"(",")") += name) += "\":";
    append_json_string(text(), piece);
    text() += "}}\n\n";
  }

  const Exchange& exchange_;
  EventStream out_;
  std::size_t index_ = 0;
};

void write_tool_use(const Reply& reply, std::size_t index, EventWriter& writer) {
  const Call& call = reply.calls[index];
  std::string input = call.arguments;
  if (reply.step.malformed == Malformed::args) {
    input.pop_back();
    input += ",\"broken";
  }
  std::string block = R"({"type":"tool_use","id":")" + tool_use_id(reply, index) + R"(","name":)";
  append_json_string(block, call.name);
  writer.begin_block(block + R"(,"input":{}})");
  writer.quiet_delta("input_json_delta", "partial_json", "");
  writer.deltas("input_json_delta", "partial_json", input);
  writer.end_block();
}

void write_blocks(const Reply& reply, EventWriter& writer) {
  if (!reply.reasoning.empty()) {
    writer.begin_block(R"({"type":"thinking","thinking":"","signature":""})");
    writer.deltas("thinking_delta", "thinking", reply.reasoning);
    writer.quiet_delta("signature_delta", "signature", signature);
    writer.end_block();
  }
  if (!reply.content.value_or("").empty()) {
    writer.begin_block(R"({"type":"text","text":""})");
    writer.deltas("text_delta", "text", *reply.content);
    writer.end_block();
  }
  for (std::size_t i = 0; i < reply.calls.size(); ++i) write_tool_use(reply, i, writer);
}

EventStream message_events(const Exchange& exchange) {
  const Reply& reply = exchange.reply;
  EventWriter writer(exchange);
  writer.event("message_start",
               "\"message\":" + message_json(exchange, Json::array(), nullptr, 1).dump());
  writer.event("ping", "");
  if (reply.step.malformed == Malformed::body)
    writer.raw_payload(
      "event: content_block_delta\ndata: {\"type\": \"content_block_delta\", \"index\": \n\n");
  if (reply.step.malformed != Malformed::empty) write_blocks(reply, writer);
  const Json delta{{"stop_reason", stop_reason(reply)}, {"stop_sequence", nullptr}};
  writer.event("message_delta", "\"delta\":" + delta.dump() + R"(,"usage":{"output_tokens":)"
                                  + std::to_string(exchange.usage.completion) + "}");
  writer.event("message_stop", "");
  return writer.take();
}

std::string_view error_type(int status) {
  switch (status) {
    case 400:
    case 422: return "invalid_request_error";
    case 401: return "authentication_error";
    case 402: return "billing_error";
    case 403: return "permission_error";
    case 404: return "not_found_error";
    case 429: return "rate_limit_error";
    case 529: return "overloaded_error";
    default: return "api_error";
  }
}

std::string error_body(const Fault& fault) {
  const std::string& text =
    fault.anthropic_message.empty() ? fault.message : fault.anthropic_message;
  const Json error{{"type", error_type(fault.status)}, {"message", text}};
  return Json{{"type", "error"}, {"error", error}, {"request_id", "req_scripted"}}.dump();
}

}  // namespace

const Dialect dialect{message, message_events, error_body, history_problem};

}  // namespace reverie::scripted::anthropic
