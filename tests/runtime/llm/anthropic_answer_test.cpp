#include "runtime/llm/anthropic.hpp"

#include "tests/runtime/llm/stream_support.hpp"

#include <gtest/gtest.h>

namespace reverie::anthropic {

namespace {

using reverie::testing::shown;
using reverie::testing::StreamOutcome;

StreamOutcome run(const std::vector<std::string_view>& slices) {
  SeededRandom random(1);
  return reverie::testing::run_stream(StreamParser(random), slices);
}

std::string parse(std::string_view body) {
  SeededRandom random(1);
  return shown(parse_completion(body, random));
}

std::string event(std::string_view type, std::string_view members = "") {
  return "event: " + std::string(type) + "\ndata: {\"type\":\"" + std::string(type) + "\""
         + std::string(members) + "}\n\n";
}

std::string block(int index, std::string_view json) {
  return event("content_block_start",
               R"(,"index":)" + std::to_string(index) + R"(,"content_block":)" + std::string(json));
}

std::string delta(int index, std::string_view json) {
  return event("content_block_delta",
               R"(,"index":)" + std::to_string(index) + R"(,"delta":)" + std::string(json));
}

std::string stop(int index) {
  return event("content_block_stop", R"(,"index":)" + std::to_string(index));
}

std::string ending(std::string_view reason) {
  return event("message_delta", R"(,"delta":{"stop_reason":")" + std::string(reason)
                                  + R"(","stop_sequence":null},"usage":{"output_tokens":42})")
         + event("message_stop");
}

const std::string opening =
  event("message_start",
        R"(,"message":{"id":"msg_1","model":"claude-x","content":[],"usage":{"input_tokens":10,)"
        R"("cache_read_input_tokens":90,"cache_creation_input_tokens":5,"output_tokens":1}})");

const std::string full = opening + block(0, R"({"type":"thinking","thinking":"","signature":""})")
                         + event("ping") + delta(0, R"({"type":"thinking_delta","thinking":"I "})")
                         + delta(0, R"({"type":"thinking_delta","thinking":"see"})")
                         + delta(0, R"({"type":"signature_delta","signature":"c2ln"})") + stop(0)
                         + block(1, R"({"type":"redacted_thinking","data":"aGlk"})") + stop(1)
                         + block(2, R"({"type":"text","text":""})")
                         + delta(2, R"({"type":"text_delta","text":"Sur"})")
                         + delta(2, R"({"type":"text_delta","text":"e \u00e4"})") + stop(2)
                         + block(3, R"({"type":"tool_use","id":"toolu_1","name":"f","input":{}})")
                         + delta(3, R"({"type":"input_json_delta","partial_json":""})")
                         + delta(3, R"({"type":"input_json_delta","partial_json":"{\"x\":"})")
                         + delta(3, R"({"type":"input_json_delta","partial_json":" 1}"})") + stop(3)
                         + block(4, R"({"type":"tool_use","id":"toolu_2","name":"g","input":{}})")
                         + stop(4) + ending("tool_use");

}  // namespace

TEST(AnthropicStream, ReadsThoughtsTextAndCalls) {
  const auto out = run({full});
  EXPECT_EQ(out.deltas,
            "R(I ) R(see) T(Sur) T(e \xc3\xa4) +0(toolu_1,f) 0({\"x\":) 0( 1}) +1(toolu_2,g) "
            "1({})");
  EXPECT_EQ(shown(out.completion),
            "text=Sure \xc3\xa4 reasoning=I see/c2ln/ reasoning=//aGlk "
            "call=toolu_1/f/{\"x\": 1} call=toolu_2/g/{} finish=tool_calls usage=105/42/147 "
            "cached=90 written=5 thought=- model=claude-x");
}

TEST(AnthropicStream, GivesTheSameForEveryCut) {
  const auto whole = run({full});
  const std::string_view text = full;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const auto cut = run({text.substr(0, i), text.substr(i)});
    ASSERT_EQ(cut.deltas, whole.deltas) << i;
    ASSERT_EQ(shown(cut.completion), shown(whole.completion)) << i;
  }
}

TEST(AnthropicStream, BreakingOffIsAnErrorUntilTheReasonIsKnown) {
  const auto reason_at = full.find("stop_reason");
  for (std::size_t i = 0; i < reason_at; ++i) {
    const auto out = run({std::string_view(full).substr(0, i)});
    ASSERT_FALSE(out.completion) << i;
    ASSERT_TRUE(out.completion.error().code == Errc::llm_connection
                || out.completion.error().code == Errc::llm_server_error)
      << i;
  }
  const auto without_stop = full.find("event: message_stop");
  EXPECT_TRUE(run({std::string_view(full).substr(0, without_stop)}).completion);
}

TEST(AnthropicStream, UsageThatIsNotReportedIsNotZero) {
  const auto out =
    run({event("message_start", R"(,"message":{"model":"m","usage":{"input_tokens":3}})"),
         block(0, R"({"type":"text","text":"hi"})"), ending("end_turn")});
  EXPECT_EQ(shown(out.completion),
            "text=hi finish=stop usage=3/42/45 cached=- written=- thought=- model=m");
}

TEST(AnthropicStream, UsageThatIsNoCountIsNotReported) {
  const auto out =
    run({event("message_start",
               R"(,"message":{"model":"m","usage":{"input_tokens":9223372036854775807,)"
               R"("cache_read_input_tokens":9223372036854775807,)"
               R"("cache_creation_input_tokens":-5}})"),
         block(0, R"({"type":"text","text":"hi"})"), ending("end_turn")});
  EXPECT_EQ(shown(out.completion),
            "text=hi finish=stop usage=0/42/42 cached=- written=- thought=- model=m");
}

TEST(AnthropicStream, MakesIdsThatTheHostLeftOutOrGaveTwice) {
  const auto out =
    run({opening, block(0, R"({"type":"tool_use","name":"f","input":{}})"),
         block(1, R"({"type":"tool_use","id":"a","name":"f","input":{}})"),
         block(2, R"({"type":"tool_use","id":"a","name":"f","input":{}})"), ending("tool_use")});
  ASSERT_TRUE(out.completion);
  const auto& calls = out.completion->tool_calls;
  ASSERT_EQ(calls.size(), 3u);
  EXPECT_TRUE(calls[0].id.starts_with("call_"));
  EXPECT_EQ(calls[1].id, "a");
  EXPECT_TRUE(calls[2].id.starts_with("call_"));
  EXPECT_NE(calls[2].id, calls[0].id);
}

// A tree is written by a function that calls itself for each level.
TEST(AnthropicStream, RefusesInputOfAnyDepth) {
  const std::size_t depth = 200'000;
  const auto out =
    run({opening, block(0, R"({"type":"tool_use","id":"a","name":"f","input":{"x":)"
                             + std::string(depth, '[') + std::string(depth, ']') + "}}")});
  ASSERT_FALSE(out.completion);
  EXPECT_EQ(out.completion.error().code, Errc::llm_server_error);
}

TEST(AnthropicStream, EveryStopReasonMeansSomething) {
  const auto finish = [](std::string_view reason) {
    return run({opening, ending(reason)}).completion->finish;
  };
  EXPECT_EQ(finish("end_turn"), FinishReason::stop);
  EXPECT_EQ(finish("stop_sequence"), FinishReason::stop);
  EXPECT_EQ(finish("pause_turn"), FinishReason::stop);
  EXPECT_EQ(finish("something_new"), FinishReason::stop);
  EXPECT_EQ(finish("max_tokens"), FinishReason::length);
  EXPECT_EQ(finish("model_context_window_exceeded"), FinishReason::length);
  EXPECT_EQ(finish("tool_use"), FinishReason::tool_calls);
  EXPECT_EQ(finish("refusal"), FinishReason::content_filter);
}

TEST(AnthropicStream, AnErrorInTheMiddleEndsIt) {
  const auto out =
    run({opening, block(0, R"({"type":"text","text":""})"),
         delta(0, R"({"type":"text_delta","text":"he"})"),
         event("error", R"(,"error":{"type":"overloaded_error","message":"Overloaded"})"),
         ending("end_turn")});
  EXPECT_EQ(out.deltas, "T(he)");
  ASSERT_FALSE(out.completion);
  EXPECT_EQ(out.completion.error().code, Errc::llm_overloaded);
  EXPECT_TRUE(out.completion.error().message.starts_with("Error code: 529 - "));
}

TEST(AnthropicStream, PassesBrokenArgumentsOnAsTheyAre) {
  const auto out = run({opening, block(0, R"({"type":"tool_use","id":"t","name":"f","input":{}})"),
                        delta(0, R"({"type":"input_json_delta","partial_json":"{\"x\": [1"})"),
                        stop(0), ending("max_tokens")});
  ASSERT_TRUE(out.completion);
  EXPECT_EQ(out.completion->tool_calls[0].arguments, "{\"x\": [1");
}

TEST(AnthropicStream, JsonOfAnyShapeDoesNoHarm) {
  for (const char* data :
       {"1", "[]", "{}", R"({"type":7})", R"({"type":"content_block_delta","index":9,"delta":{}})",
        R"({"type":"content_block_start","index":"x","content_block":[]})",
        R"({"type":"content_block_start","content_block":{"type":"tool_use","input":3}})",
        R"({"type":"message_start","message":[]})",
        R"({"type":"message_delta","delta":4,"usage":5})",
        R"({"type":"content_block_stop","index":77})"}) {
    const auto out = run({"data: " + std::string(data) + "\n\n", opening,
                          block(5, R"({"type":"text","text":"ok"})"), ending("end_turn")});
    ASSERT_TRUE(out.completion) << data;
    EXPECT_EQ(out.completion->text, "ok");
  }
  EXPECT_EQ(run({"data: rubbish\n\n"}).completion.error().code, Errc::llm_server_error);
}

TEST(AnthropicAnswer, ReadsAWholeDocument) {
  EXPECT_EQ(
    parse(R"({"type":"message","model":"m","stop_reason":"tool_use","content":[)"
          R"({"type":"thinking","thinking":"hm","signature":"c2ln"},{"type":"text","text":"hi"},)"
          R"({"type":"tool_use","id":"t1","name":"f","input":{"x":1}},)"
          R"({"type":"tool_use","id":"t2","name":"g","input":{}}],)"
          R"("usage":{"input_tokens":4,"output_tokens":6,"cache_read_input_tokens":0}})"),
    "text=hi reasoning=hm/c2ln/ call=t1/f/{\"x\":1} call=t2/g/{} finish=tool_calls usage=4/6/10 "
    "cached=0 written=- thought=- model=m");
  EXPECT_TRUE(parse("rubbish").starts_with("llm_server_error: "));
  EXPECT_TRUE(parse("{}").starts_with("llm_empty_response: "));
  EXPECT_TRUE(
    parse(R"({"type":"error","error":{"type":"api_error"}})").starts_with("llm_server_error: "));
}

}  // namespace reverie::anthropic
