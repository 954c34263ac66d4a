#include "config/json_text.hpp"
#include "tests/scripted_model/catalog.hpp"
#include "tests/scripted_model/dialect.hpp"
#include "tests/scripted_model/history.hpp"

#include <nlohmann/json.hpp>

namespace reverie::scripted::openai {
namespace {

using Json = nlohmann::ordered_json;

// Broken as a model breaks them: the object is not closed.
std::string arguments_of(const Call& call, const Reply& reply) {
  if (reply.step.malformed != Malformed::args) return call.arguments;
  return call.arguments.substr(0, call.arguments.size() - 1) + ",\"broken";
}

std::string finish_reason(const Reply& reply) {
  if (!reply.step.finish.empty()) return reply.step.finish;
  return reply.calls.empty() ? "stop" : "tool_calls";
}

Json usage_json(const TokenUsage& usage) {
  return {
    {"prompt_tokens", usage.prompt},
    {"completion_tokens", usage.completion},
    {"total_tokens", usage.prompt + usage.completion},
    {"prompt_tokens_details", {{"cached_tokens", usage.cached}, {"audio_tokens", 0}}},
    {"completion_tokens_details",
     {{"reasoning_tokens", usage.reasoning},
      {"audio_tokens", 0},
      {"accepted_prediction_tokens", 0},
      {"rejected_prediction_tokens", 0}}},
  };
}

std::string completion_id(const Reply& reply) {
  return "chatcmpl-" + reply.id.substr(0, 29);
}

std::string tool_call_id(const Reply& reply, std::size_t index) {
  return "call_" + call_id(reply, index);
}

Json message_json(const Reply& reply) {
  Json message{{"role", "assistant"},
               {"content", reply.content ? Json(*reply.content) : Json()},
               {"refusal", nullptr},
               {"annotations", Json::array()}};
  if (!reply.reasoning.empty()) message["reasoning_content"] = reply.reasoning;
  for (std::size_t i = 0; i < reply.calls.size(); ++i) {
    const Call& call = reply.calls[i];
    message["tool_calls"].push_back(
      {{"id", tool_call_id(reply, i)},
       {"type", "function"},
       {"function", {{"name", call.name}, {"arguments", arguments_of(call, reply)}}}});
  }
  return message;
}

std::string completion(const Exchange& exchange) {
  const Reply& reply = exchange.reply;
  if (reply.step.malformed == Malformed::body) return R"({"id": "chatcmpl-broken", "choices": [)";
  Json choices = Json::array();
  if (reply.step.malformed != Malformed::empty)
    choices.push_back({{"index", 0},
                       {"message", message_json(reply)},
                       {"logprobs", nullptr},
                       {"finish_reason", finish_reason(reply)}});
  const Json body{{"id", completion_id(reply)},    {"object", "chat.completion"},
                  {"created", created_s},          {"model", exchange.request.model},
                  {"choices", std::move(choices)}, {"usage", usage_json(exchange.usage)},
                  {"service_tier", "default"},     {"system_fingerprint", "fp_scripted"}};
  return body.dump();
}

// Writes `chat.completion.chunk` events. All but the delta is the same in each, and text is
// most of the work: so this is done on text.
class ChunkWriter {
 public:
  explicit ChunkWriter(const Exchange& exchange) {
    head_ = R"(data: {"id":")" + completion_id(exchange.reply)
            + R"(","object":"chat.completion.chunk","created":)" + std::to_string(created_s)
            + R"(,"model":)";
    append_json_string(head_, exchange.request.model);
    head_ += R"(,"service_tier":"default","system_fingerprint":"fp_scripted","choices":[)";
    tail_ = exchange.request.includes_usage ? "],\"usage\":null}\n\n" : "]}\n\n";
  }

  // `name` is the member of the delta that the piece of text is written to.
  void text_delta(std::string_view name, std::string_view piece) {
    begin();
    ((text() += '"') += name) += "\":";
    append_json_string(text(), piece);
    end(true);
  }

  void call_start(std::size_t index, const std::string& id, const std::string& name) {
    begin();
    text() += R"("tool_calls":[{"index":)" + std::to_string(index) + R"(,"id":")" + id
              + R"(","type":"function","function":{"name":)";
    append_json_string(text(), name);
    text() += R"(,"arguments":""}}])";
    end(true);
  }

  void call_arguments(std::size_t index, std::string_view piece) {
    begin();
    text() += R"("tool_calls":[{"index":)" + std::to_string(index) + R"(,"function":{"arguments":)";
    append_json_string(text(), piece);
    text() += "}}]";
    end(true);
  }

  void role(std::string_view content) {
    begin();
    ((text() += R"("role":"assistant","content":)") += content) += R"(,"refusal":null)";
    end(false);
  }

  void finish(const std::string& reason) {
    begin();
    text() += R"(},"logprobs":null,"finish_reason":)";
    append_json_string(text(), reason);
    (text() += '}') += tail_;
    out_.end_event(false);
  }

  void usage(const TokenUsage& usage) {
    (((text() += head_) += R"(],"usage":)") += usage_json(usage).dump()) += "}\n\n";
    out_.end_event(false);
  }

  // An event as it stands.
  void raw(std::string_view event, bool is_payload) {
    text() += event;
    out_.end_event(is_payload);
  }

  EventStream take() { return std::move(out_); }

 private:
  std::string& text() { return out_.text(); }
  void begin() { (text() += head_) += R"({"index":0,"delta":{)"; }
  void end(bool is_payload) {
    (text() += R"(},"logprobs":null,"finish_reason":null})") += tail_;
    out_.end_event(is_payload);
  }

  EventStream out_;
  std::string head_;
  std::string tail_;
};

void write_calls(const Exchange& exchange, ChunkWriter& writer) {
  const Reply& reply = exchange.reply;
  for (std::size_t i = 0; i < reply.calls.size(); ++i) {
    const std::string arguments = arguments_of(reply.calls[i], reply);
    writer.call_start(i, tool_call_id(reply, i), reply.calls[i].name);
    for (const auto piece : pieces(arguments, reply.step.chunks, exchange.chunk_words))
      writer.call_arguments(i, piece);
  }
}

void write_message(const Exchange& exchange, ChunkWriter& writer) {
  const Reply& reply = exchange.reply;
  const std::string content = reply.content.value_or("");
  writer.role(!reply.calls.empty() && content.empty() ? "null" : "\"\"");
  for (const auto piece : pieces(reply.reasoning, reply.step.chunks, exchange.chunk_words))
    writer.text_delta("reasoning_content", piece);
  if (reply.step.malformed == Malformed::body)
    writer.raw(
      "data: {\"id\": \"chatcmpl-broken\", \"choices\": [{\"delta\": {\"content\": \"abc\n\n",
      true);
  for (const auto piece : pieces(content, reply.step.chunks, exchange.chunk_words))
    writer.text_delta("content", piece);
  write_calls(exchange, writer);
  writer.finish(finish_reason(reply));
}

EventStream completion_events(const Exchange& exchange) {
  ChunkWriter writer(exchange);
  if (exchange.reply.step.malformed != Malformed::empty) write_message(exchange, writer);
  if (exchange.request.includes_usage) writer.usage(exchange.usage);
  writer.raw("data: [DONE]\n\n", false);
  return writer.take();
}

std::string error_body(const Fault& fault) {
  const Json error{{"message", fault.message},
                   {"type", fault.type},
                   {"param", nullptr},
                   {"code", fault.code.empty() ? Json() : Json(fault.code)}};
  return Json{{"error", error}}.dump();
}

}  // namespace

const Dialect dialect{completion, completion_events, error_body, history_problem};

}  // namespace reverie::scripted::openai
