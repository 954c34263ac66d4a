#include "tests/scripted_model/dialect.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace reverie::scripted {
namespace {

using Json = nlohmann::json;

// A reply to `script` in one dialect, whole and streamed.
struct Answer {
  Json whole;
  std::vector<Json> events;  // the data of each; text for what is no JSON
  std::size_t payloads = 0;
};

Json json_or_text(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_discarded() ? Json(text) : json;
}

Answer answer(const Dialect& dialect, const std::string& script) {
  const std::string body = Json{{"model", "m"},
                                {"stream_options", {{"include_usage", true}}},
                                {"tools", {{{"name", "a"}}}},
                                {"messages", {{{"role", "user"}, {"content", script}}}}}
                             .dump();
  const auto request = read_model_request(body);
  const Reply reply = reply_to(*request);
  const Exchange exchange{*request, reply, usage_of(*request, reply), 1};
  Answer out{json_or_text(dialect.whole(exchange)), {}, 0};
  const EventStream events = dialect.events(exchange);
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::string_view text = events[i].text;
    EXPECT_TRUE(text.ends_with("\n\n"));
    const std::size_t data = text.find("data: ") + 6;
    out.events.push_back(json_or_text(text.substr(data, text.size() - data - 2)));
    if (events[i].is_payload) ++out.payloads;
  }
  return out;
}

const std::string script = R"([[reason think of it]][[text one "moment"]][[call a {"x": "ü y"}]])";

// A message put together from the deltas, as a client does it.
Json openai_message(const std::vector<Json>& events) {
  std::string content;
  std::string reasoning;
  std::string arguments;
  Json call;
  for (const Json& event : events) {
    if (!event.is_object() || event["choices"].empty()) continue;
    const Json& delta = event["choices"][0]["delta"];
    content += delta.value("content", "");
    reasoning += delta.value("reasoning_content", "");
    if (!delta.contains("tool_calls")) continue;
    if (call.is_null()) call = delta["tool_calls"][0];
    arguments += delta["tool_calls"][0]["function"].value("arguments", "");
  }
  return {{"content", content},
          {"reasoning", reasoning},
          {"call", {call["id"], call["function"]["name"], arguments}}};
}

TEST(Openai, StreamsWhatItSaysWhole) {
  const Answer found = answer(openai::dialect, script);
  const Json& choice = found.whole["choices"][0];
  const Json& message = choice["message"];
  const Json& call = message["tool_calls"][0];
  EXPECT_EQ(message["content"], "one \"moment\"");
  EXPECT_EQ(choice["finish_reason"], "tool_calls");
  EXPECT_EQ(
    openai_message(found.events),
    (Json{{"content", message["content"]},
          {"reasoning", message["reasoning_content"]},
          {"call", {call["id"], call["function"]["name"], call["function"]["arguments"]}}}));
  EXPECT_EQ(found.payloads, 3U + 2U + 1U + 3U);  // words, and the start of the call
}

TEST(Openai, EndsAStreamWithFinishUsageAndDone) {
  const auto events = answer(openai::dialect, "hello").events;
  ASSERT_GE(events.size(), 4U);
  EXPECT_EQ(events.front()["choices"][0]["delta"]["role"], "assistant");
  EXPECT_EQ(events.end()[-3]["choices"][0]["finish_reason"], "stop");
  EXPECT_TRUE(events.end()[-2]["choices"].empty());
  EXPECT_GT(events.end()[-2]["usage"]["total_tokens"], 0);
  EXPECT_EQ(events.back(), "[DONE]");
}

TEST(Openai, BreaksWhatTheScriptWantsBroken) {
  EXPECT_TRUE(answer(openai::dialect, "[[malformed]]").whole.is_string());
  EXPECT_TRUE(answer(openai::dialect, "[[malformed]]").events[1].is_string());
  EXPECT_TRUE(answer(openai::dialect, "[[malformed empty]]").whole["choices"].empty());
  const Json args = answer(openai::dialect, "[[malformed args]][[call a {\"x\":1}]]").whole;
  EXPECT_EQ(args["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"],
            R"({"x":1,"broken)");
}

TEST(Anthropic, SaysItInBlocks) {
  const Json whole = answer(anthropic::dialect, script).whole;
  EXPECT_EQ(whole["stop_reason"], "tool_use");
  ASSERT_EQ(whole["content"].size(), 3U);
  EXPECT_EQ(whole["content"][0]["thinking"], "think of it");
  EXPECT_EQ(whole["content"][1]["text"], "one \"moment\"");
  EXPECT_EQ(whole["content"][2]["input"], (Json{{"x", "ü y"}}));
}

TEST(Anthropic, StreamsWhatItSaysWhole) {
  const Answer found = answer(anthropic::dialect, script);
  EXPECT_EQ(found.events[0]["type"], "message_start");
  EXPECT_EQ(found.events[0]["message"]["id"], found.whole["id"]);
  std::vector<std::string> blocks;
  for (const Json& event : found.events) {
    if (event["type"] == "content_block_start") blocks.emplace_back();
    if (event["type"] != "content_block_delta") continue;
    const Json& delta = event["delta"];
    for (const char* name : {"thinking", "text", "partial_json"})
      blocks.at(event["index"]) += delta.value(name, "");
  }
  EXPECT_EQ(blocks, (std::vector<std::string>{"think of it", "one \"moment\"", R"({"x": "ü y"})"}));
  EXPECT_EQ(found.events.end()[-2]["delta"]["stop_reason"], "tool_use");
  EXPECT_EQ(found.events.end()[-2]["usage"]["output_tokens"],
            found.whole["usage"]["output_tokens"]);
  EXPECT_EQ(found.events.back()["type"], "message_stop");
}

TEST(Anthropic, TranslatesFinishReasons) {
  EXPECT_EQ(answer(anthropic::dialect, "[[finish length]]").whole["stop_reason"], "max_tokens");
  EXPECT_EQ(answer(anthropic::dialect, "[[finish refusal]]").whole["stop_reason"], "refusal");
  EXPECT_EQ(answer(anthropic::dialect, "hi").whole["stop_reason"], "end_turn");
}

TEST(Anthropic, BreaksWhatTheScriptWantsBroken) {
  EXPECT_TRUE(answer(anthropic::dialect, "[[malformed]]").whole.is_string());
  EXPECT_TRUE(answer(anthropic::dialect, "[[malformed empty]]").whole["content"].empty());
}

TEST(Errors, AreWordedByEachVendor) {
  const Fault fault = fault_named("context_length");
  EXPECT_EQ(fault.status, 400);
  EXPECT_EQ(Json::parse(openai::dialect.error_body(fault))["error"]["code"],
            "context_length_exceeded");
  const Json anthropic = Json::parse(anthropic::dialect.error_body(fault));
  EXPECT_EQ(anthropic["error"]["type"], "invalid_request_error");
  EXPECT_TRUE(anthropic["error"]["message"].get<std::string>().starts_with("prompt is too long"));
  EXPECT_EQ(fault_named("418").status, 418);
  EXPECT_EQ(fault_named("whatever").status, 500);
}

}  // namespace
}  // namespace reverie::scripted
