#include "runtime/llm/openai.hpp"

#include "tests/runtime/llm/stream_support.hpp"

#include <gtest/gtest.h>

namespace reverie::openai {

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

std::string event(std::string_view json) {
  return "data: " + std::string(json) + "\n\n";
}

std::string delta(std::string_view members, std::string_view finish = "null") {
  return event(R"({"model":"gpt-x","choices":[{"index":0,)"
               R"("delta":{)"
               + std::string(members) + R"(},"finish_reason":)" + std::string(finish) + "}]}");
}

const std::string usage_event = event(
  R"({"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":7,"total_tokens":19,)"
  R"("prompt_tokens_details":{"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":0}}})");
const std::string done = "data: [DONE]\n\n";

// Two calls whose pieces come in turns, after a thought and a text.
const std::string interleaved =
  ": keep-alive\n\n" + delta(R"("role":"assistant","content":"")")
  + delta(R"("reasoning_content":"hm ")") + delta(R"("reasoning":"ok")")
  + delta(R"("content":"Let ")") + delta(R"("content":"me \u00e4\ud83d\ude00")")
  + delta(
    R"("tool_calls":[{"index":0,"id":"a1","type":"function","function":{"name":"f","arguments":""}}])")
  + delta(
    R"("tool_calls":[{"index":1,"id":"b2","type":"function","function":{"name":"g","arguments":""}}])")
  + delta(R"("tool_calls":[{"index":0,"function":{"arguments":"{\"x\":"}}])")
  + delta(R"("tool_calls":[{"index":1,"function":{"arguments":"{\"y\":2}"}}])")
  + delta(R"("tool_calls":[{"index":0,"function":{"arguments":"1}"}}])")
  + delta("", R"("tool_calls")") + usage_event + done;

}  // namespace

TEST(OpenaiStream, KeepsCallsApartThatComeInTurns) {
  const auto out = run({interleaved});
  EXPECT_EQ(out.deltas,
            "R(hm ) R(ok) T(Let ) T(me \xc3\xa4\xf0\x9f\x98\x80) +0(a1,f) +1(b2,g) 0({\"x\":) "
            "1({\"y\":2}) 0(1})");
  EXPECT_EQ(shown(out.completion),
            "text=Let me \xc3\xa4\xf0\x9f\x98\x80 reasoning=hm ok// call=a1/f/{\"x\":1} "
            "call=b2/g/{\"y\":2} finish=tool_calls usage=12/7/19 cached=8 written=- thought=0 "
            "model=gpt-x");
}

TEST(OpenaiStream, GivesTheSameForEveryCut) {
  const auto whole = run({interleaved});
  const std::string_view text = interleaved;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const auto cut = run({text.substr(0, i), text.substr(i)});
    ASSERT_EQ(cut.deltas, whole.deltas) << i;
    ASSERT_EQ(shown(cut.completion), shown(whole.completion)) << i;
  }
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < text.size(); ++i) bytes.push_back(text.substr(i, 1));
  EXPECT_EQ(shown(run(bytes).completion), shown(whole.completion));
}

TEST(OpenaiStream, AStreamThatBreaksOffAnywhereIsAnErrorOrWhole) {
  const std::string whole = shown(run({interleaved}).completion);
  const auto finish_at = interleaved.find(R"("finish_reason":"tool_calls")");
  for (std::size_t i = 0; i < interleaved.size(); ++i) {
    const auto out = run({std::string_view(interleaved).substr(0, i)});
    if (i < finish_at) {
      ASSERT_FALSE(out.completion) << i;
    }
    if (!out.completion) {  // in the middle of a line it is no JSON
      ASSERT_TRUE(out.completion.error().code == Errc::llm_connection
                  || out.completion.error().code == Errc::llm_server_error)
        << i << out.completion.error().message;
    }
  }
  EXPECT_EQ(
    shown(
      run({std::string_view(interleaved).substr(0, interleaved.size() - done.size())}).completion),
    whole);  // [DONE] is missing
}

TEST(OpenaiStream, TakesAWholeCallAtOnce) {
  // As Ollama sends it.
  const auto out = run(
    {delta(
       R"("content":"","tool_calls":[{"id":"call_x","index":0,"type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}])"),
     delta(R"("content":"")", R"("stop")"), done});
  EXPECT_EQ(out.deltas, "+0(call_x,f) 0({\"a\":1})");
  EXPECT_EQ(shown(out.completion),
            "text= call=call_x/f/{\"a\":1} finish=tool_calls usage=0/0/0 cached=- written=- "
            "thought=- model=gpt-x");
}

TEST(OpenaiStream, ANewIdAtTheSameIndexIsANewCall) {
  const auto out = run(
    {delta(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}])"),
     delta(R"("tool_calls":[{"index":0,"id":"b","function":{"name":"f","arguments":"{\"n\":"}}])"),
     delta(R"("tool_calls":[{"index":0,"id":"b","function":{"name":"","arguments":"2}"}}])"),
     delta("", R"("tool_calls")"), done});
  EXPECT_EQ(out.deltas, "+0(a,f) 0({}) +1(b,f) 1({\"n\":) 1(2})");
}

TEST(OpenaiStream, MakesIdsThatTheHostLeftOut) {
  const auto out =
    run({delta(R"("tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}}])"),
         delta(R"("tool_calls":[{"index":0,"function":{"name":"g","arguments":{"k":[1]}}}])"),
         delta(R"("tool_calls":[{"function":{"name":"h"}}])"), delta("", R"("tool_calls")"), done});
  ASSERT_TRUE(out.completion);
  ASSERT_EQ(out.completion->tool_calls.size(), 3u);
  for (const ToolCall& call : out.completion->tool_calls) {
    EXPECT_TRUE(call.id.starts_with("call_"));
    EXPECT_EQ(call.id.size(), 13u);
  }
  EXPECT_NE(out.completion->tool_calls[0].id, out.completion->tool_calls[1].id);
  EXPECT_EQ(out.completion->tool_calls[1].arguments, "{\"k\":[1]}");
  EXPECT_EQ(out.completion->tool_calls[2].name, "h");
}

TEST(OpenaiStream, CallsOfOneIdGetIdsOfTheirOwn) {
  const auto out = run(
    {delta(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}])"),
     delta(R"("tool_calls":[{"index":1,"id":"a","function":{"name":"f","arguments":"{\"n\":"}}])"),
     delta(R"("tool_calls":[{"index":1,"id":"a","function":{"arguments":"2}"}}])"),
     delta("", R"("tool_calls")"), done});
  ASSERT_TRUE(out.completion);
  const auto& calls = out.completion->tool_calls;
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0].id, "a");
  EXPECT_TRUE(calls[1].id.starts_with("call_"));
  EXPECT_EQ(calls[1].arguments, "{\"n\":2}");
}

TEST(OpenaiStream, AnIdThatComesLaterIsOfTheSameCall) {
  const auto out =
    run({delta(R"("tool_calls":[{"index":0,"function":{"name":"f","arguments":"{"}}])"),
         delta(R"("tool_calls":[{"index":0,"id":"a","function":{"arguments":"}"}}])"),
         delta("", R"("tool_calls")"), done});
  ASSERT_TRUE(out.completion);
  ASSERT_EQ(out.completion->tool_calls.size(), 1u);
  EXPECT_TRUE(out.completion->tool_calls[0].id.starts_with("call_"));
  EXPECT_EQ(out.completion->tool_calls[0].arguments, "{}");
}

// A tree is written by a function that calls itself for each level.
TEST(OpenaiStream, RefusesArgumentsOfAnyDepth) {
  const std::size_t depth = 200'000;
  const auto out =
    run({delta(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":{"x":)"
               + std::string(depth, '[') + std::string(depth, ']') + "}}}]")});
  ASSERT_FALSE(out.completion);
  EXPECT_EQ(out.completion.error().code, Errc::llm_server_error);
}

TEST(OpenaiStream, WaitsForANameBeforeItTellsOfACall) {
  const auto out =
    run({delta(R"("tool_calls":[{"index":0,"id":"a","function":{"arguments":"{\"x\""}}])"),
         delta(R"("tool_calls":[{"index":0,"function":{"name":"f","arguments":":1}"}}])"),
         delta("", R"("tool_calls")"), done});
  EXPECT_EQ(out.deltas, "+0(a,f) 0({\"x\":1})");
}

TEST(OpenaiStream, PassesBrokenArgumentsOnAsTheyAre) {
  const auto out = run(
    {delta(
       R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\": [1,"}}])"),
     delta("", R"("length")"), done});
  ASSERT_TRUE(out.completion);
  EXPECT_EQ(out.completion->tool_calls[0].arguments, "{\"x\": [1,");
  EXPECT_EQ(out.completion->finish, FinishReason::length);
}

TEST(OpenaiStream, AnErrorInTheMiddleEndsIt) {
  const auto out =
    run({delta(R"("content":"he")"),
         event(R"({"error":{"message":"The server had an error","type":"server_error"}})"),
         delta(R"("content":"llo")")});
  EXPECT_EQ(out.deltas, "T(he)");
  ASSERT_FALSE(out.completion);
  EXPECT_EQ(out.completion.error().code, Errc::llm_server_error);
  EXPECT_NE(out.completion.error().message.find("The server had an error"), std::string::npos);
  const auto limited = run({event(R"({"error":{"message":"Slow down","code":429}})")});
  EXPECT_EQ(limited.completion.error().code, Errc::llm_rate_limit);
}

TEST(OpenaiStream, GarbageIsAServerError) {
  EXPECT_EQ(run({"data: garbage\n\n"}).completion.error().code, Errc::llm_server_error);
  EXPECT_EQ(run({"data: {\"choices\":\n\n"}).completion.error().code, Errc::llm_server_error);
  EXPECT_EQ(run({"garbage without any event"}).completion.error().code, Errc::llm_connection);
  EXPECT_EQ(run({""}).completion.error().code, Errc::llm_connection);
}

TEST(OpenaiStream, JsonOfAnyShapeDoesNoHarm) {
  for (const char* json :
       {"1", "[]", "null", "\"x\"", R"({"choices":7})", R"({"choices":[]})", R"({"choices":[3]})",
        R"({"choices":[{"delta":[]}]})", R"({"choices":[{"delta":{"tool_calls":[1,{}]}}]})",
        R"({"choices":[{"delta":{"content":{"a":1},"tool_calls":{}}}],"usage":[]})",
        R"({"choices":[{"delta":{"tool_calls":[{"index":"x","id":4,"function":[]}]}}]})"}) {
    const auto out = run({event(json), delta(R"("content":"ok")", R"("stop")"), done});
    ASSERT_TRUE(out.completion) << json;
    EXPECT_EQ(out.completion->text, "ok");
  }
}

TEST(OpenaiStream, AnEmptyAnswerIsAnAnswerButNoChoiceIsNot) {
  const auto empty = run({delta(R"("content":"")", R"("stop")"), done});
  EXPECT_TRUE(empty.completion);
  const auto none = run({done});
  ASSERT_FALSE(none.completion);
  EXPECT_EQ(none.completion.error().code, Errc::llm_empty_response);
}

TEST(OpenaiAnswer, ReadsAWholeDocument) {
  EXPECT_EQ(
    parse(
      R"({"id":"x","model":"m-1","choices":[{"index":0,"finish_reason":"tool_calls","message":{)"
      R"("role":"assistant","content":"hi","reasoning_content":"hm","tool_calls":[)"
      R"({"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},)"
      R"({"id":"b","type":"function","function":{"name":"g","arguments":"{"}}]}}],)"
      R"("usage":{"prompt_tokens":5,"completion_tokens":2}})"),
    "text=hi reasoning=hm// call=a/f/{\"x\":1} call=b/g/{ finish=tool_calls usage=5/2/7 cached=- "
    "written=- thought=- model=m-1");
}

TEST(OpenaiAnswer, AbsentUsageDetailsAreNotZero) {
  EXPECT_EQ(parse(R"({"choices":[{"message":{"content":null},"finish_reason":"stop"}]})"),
            "text= finish=stop usage=0/0/0 cached=- written=- thought=- model=");
  EXPECT_EQ(parse(R"({"choices":[{"message":{"content":"a"},"finish_reason":"length"}],)"
                  R"("usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2,)"
                  R"("prompt_tokens_details":null,"prompt_cache_hit_tokens":0}})"),
            "text=a finish=length usage=1/1/2 cached=0 written=- thought=- model=");
}

TEST(OpenaiAnswer, UsageThatIsNoCountIsNotReported) {
  EXPECT_EQ(parse(R"({"choices":[{"message":{"content":"a"}}],"usage":{"prompt_tokens":)"
                  R"(9223372036854775807,"completion_tokens":9223372036854775807,)"
                  R"("prompt_tokens_details":{"cached_tokens":-1}}})"),
            "text=a finish=stop usage=0/0/0 cached=- written=- thought=- model=");
}

TEST(OpenaiAnswer, ReadsContentInParts) {
  EXPECT_EQ(parse(R"({"choices":[{"message":{"content":[{"type":"thinking","thinking":[)"
                  R"({"type":"text","text":"hm"}]},{"type":"text","text":"hi"}]}}]})"),
            "text=hi reasoning=hm// finish=stop usage=0/0/0 cached=- written=- thought=- model=");
}

TEST(OpenaiAnswer, KeepsWhatTheHostSaysOfItsTokens) {
  SeededRandom random(1);
  const auto whole = parse_completion(
    R"({"choices":[{"message":{"content":"hi"},"logprobs":{"content":[{"token":"hi","logprob":-0.5}]}}]})",
    random);
  EXPECT_EQ(whole->logprobs.text, R"({"content":[{"logprob":-0.5,"token":"hi"}],"refusal":null})");
  const auto none =
    parse_completion(R"({"choices":[{"message":{"content":"hi"},"logprobs":null}]})", random);
  EXPECT_TRUE(none->logprobs.is_null());
}

TEST(OpenaiStream, PutsWhatTheHostSaysOfItsTokensTogether) {
  SeededRandom random(1);
  StreamParser parser(random);
  const OnDelta ignore = [](LlmDelta) {};
  for (const char* piece :
       {R"({"choices":[{"delta":{"content":"a"},"logprobs":{"content":[{"token":"a"}]}}]})",
        R"({"choices":[{"delta":{"content":"b"},"logprobs":{"content":[{"token":"b"}]}}]})",
        R"({"choices":[{"delta":{},"logprobs":null,"finish_reason":"stop"}]})", "[DONE]"})
    ASSERT_TRUE(parser.feed({"", piece}, ignore));
  EXPECT_EQ(parser.finish(ignore)->logprobs.text,
            R"({"content":[{"token":"a"},{"token":"b"}],"refusal":null})");
}

TEST(OpenaiAnswer, NamesWhatIsWrong) {
  EXPECT_TRUE(parse("<html>").starts_with("llm_server_error: ")) << parse("<html>");
  EXPECT_TRUE(parse("{}").starts_with("llm_empty_response: "));
  EXPECT_TRUE(parse(R"({"error":{"message":"no","code":429}})").starts_with("llm_rate_limit: "));
}

}  // namespace reverie::openai
