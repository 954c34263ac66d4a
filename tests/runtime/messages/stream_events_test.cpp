#include "runtime/messages/stream_events.hpp"

#include "config/json.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace reverie {
namespace {

const char* const message_id = "message-6c75a4bc-b8cc-4ca1-ab27-b64b0c403d3b";

DeltaRenderer renderer(ApiMessageOptions options = {}) {
  return {{message_id, "step-1", "run-1", *from_rfc3339("2026-11-21T09:35:22Z")}, options};
}

std::vector<Json> play(DeltaRenderer target, const std::vector<LlmDelta>& deltas) {
  std::vector<std::string> events;
  for (const LlmDelta& delta : deltas) target.add(delta, events);
  target.finish(events);
  std::vector<Json> out;
  for (const std::string& event : events) out.push_back(Json::parse(event));
  return out;
}

TEST(StreamEvents, WritesAPieceOfACallMemberByMember) {
  DeltaRenderer target = renderer();
  std::vector<std::string> events;
  target.add(ReasoningDelta{"look"}, events);
  target.add(ToolCallStart{0, "call_1", "memory_insert"}, events);
  target.add(ToolCallDelta{0, "{\"label\":"}, events);
  ASSERT_EQ(events.size(), 3U);
  const std::string head =
    R"({"id":"message-6c75a4bc-b8cc-4ca1-ab27-b64b0c403d3b","date":"2026-11-21T09:35:22+00:00",)"
    R"("name":null,"message_type":")";
  const std::string middle =
    R"(","sender_id":null,"step_id":"step-1","is_err":null,"seq_id":null,"run_id":"run-1",)";
  EXPECT_EQ(events[0], head + R"(reasoning_message","otid":"6c75a4bc-b8cc-4ca1-ab27-b64b0c403d00)"
                         + middle
                         + R"("source":"reasoner_model","reasoning":"look","signature":null})");
  EXPECT_EQ(events[1], head + R"(tool_call_message","otid":"6c75a4bc-b8cc-4ca1-ab27-b64b0c403d01)"
                         + middle
                         + R"("tool_call":{"name":"memory_insert","tool_call_id":"call_1"},)"
                         + R"("tool_calls":{"name":"memory_insert","tool_call_id":"call_1"}})");
  EXPECT_EQ(events[2], head + R"(tool_call_message","otid":"6c75a4bc-b8cc-4ca1-ab27-b64b0c403d01)"
                         + middle
                         + R"("tool_call":{"arguments":"{\"label\":","tool_call_id":"call_1"},)"
                         + R"("tool_calls":{"arguments":"{\"label\":","tool_call_id":"call_1"}})");
}

TEST(StreamEvents, TheOtidGrowsWhenTheKindOfPieceChanges) {
  const auto events = play(renderer(), {ReasoningDelta{"a"}, ReasoningDelta{"b"}, TextDelta{"c"},
                                        ToolCallStart{0, "x", "f"}, ToolCallStart{1, "y", "g"}});
  ASSERT_EQ(events.size(), 5U);
  const std::vector<std::string> tails{"00", "00", "01", "02", "02"};
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::string otid = events[i]["otid"];
    EXPECT_EQ(otid.substr(otid.size() - 2), tails[i]);
  }
}

TEST(StreamEvents, PiecesOfParallelCallsCarryTheirIds) {
  const auto events = play(
    renderer(), {ToolCallStart{0, "x", "f"}, ToolCallStart{1, "y", "g"}, ToolCallDelta{0, "{}"},
                 ToolCallDelta{1, "[]"}, ToolCallDelta{7, "lost"}, TextDelta{""}});
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events[2]["tool_call"]["tool_call_id"], "x");
  EXPECT_EQ(events[3]["tool_call"]["tool_call_id"], "y");
  EXPECT_FALSE(events[3]["tool_call"].contains("name"));
}

TEST(StreamEvents, AnOlderAgentsSpeechIsSentWhenItIsComplete) {
  ApiMessageOptions options;
  options.text_is_assistant = false;
  const auto events =
    play(renderer(options), {TextDelta{"I greet"}, ToolCallStart{0, "x", "send_message"},
                             ToolCallDelta{0, R"({"mess)"}, ToolCallDelta{0, R"(age":"Hi!"})"}});
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0]["source"], "non_reasoner_model");
  EXPECT_EQ(events[1]["message_type"], "assistant_message");
  EXPECT_EQ(events[1]["content"], "Hi!");
}

TEST(StreamEvents, ASpeechThatIsNoneIsSentAsACall) {
  ApiMessageOptions options;
  options.text_is_assistant = false;
  const auto events =
    play(renderer(options), {ToolCallStart{0, "x", "send_message"}, ToolCallDelta{0, R"({"mess)"}});
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0]["tool_call"]["name"], "send_message");
  EXPECT_EQ(events[0]["tool_call"]["arguments"], R"({"mess)");
}

TEST(StreamEvents, LeavesOutTypesThatNobodyAskedFor) {
  ApiMessageOptions options;
  options.types = MessageTypeSet::of({MessageType::assistant_message});
  const auto events = play(renderer(options), {ReasoningDelta{"hm"}, TextDelta{"so"}});
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0]["otid"], "6c75a4bc-b8cc-4ca1-ab27-b64b0c403d01");
}

TEST(StreamEvents, SendsTheMessagesOfAStepButNoInput) {
  Message answer;
  answer.id = message_id;
  answer.role = "assistant";
  answer.content = {{"reasoning", "hm", "", {}}, {"text", "so", "", {}}};
  std::vector<std::string> events;
  append_message_events(events, answer, {});
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(Json::parse(events[1])["content"], "so");
  answer.role = "user";
  append_message_events(events, answer, {});
  EXPECT_EQ(events.size(), 2U);
}

TEST(StreamEvents, EndsWithTheReasonAndTheUsage) {
  EXPECT_EQ(stop_reason_event("end_turn"),
            R"({"message_type":"stop_reason","stop_reason":"end_turn"})");
  EXPECT_EQ(usage_event({10, 4, 14, 0, {}, 3}, 2, 14),
            R"({"message_type":"usage_statistics","completion_tokens":4,"prompt_tokens":10,)"
            R"("total_tokens":14,"step_count":2,"run_ids":null,"cached_input_tokens":0,)"
            R"("cache_write_tokens":null,"reasoning_tokens":3,"context_tokens":14})");
}

TEST(StreamEvents, WritesPingsAndErrors) {
  EXPECT_EQ(ping_event("ping-1", "run-1", *from_rfc3339("2026-11-21T09:35:22Z")),
            R"({"id":"ping-1","date":"2026-11-21T09:35:22+00:00","name":null,)"
            R"("message_type":"ping","otid":null,"sender_id":null,"step_id":null,)"
            R"("is_err":null,"seq_id":null,"run_id":"run-1"})");
  EXPECT_EQ(error_event("run-1", "llm_rate_limit", "slow down", "Error code: 429"),
            R"({"message_type":"error_message","run_id":"run-1","error_type":"llm_rate_limit",)"
            R"("message":"slow down","detail":"Error code: 429","seq_id":null})");
}

TEST(StreamEvents, TheSequenceNumberGoesIntoTheMemberAndNotIntoText) {
  const auto events = play(renderer(), {TextDelta{R"(a "seq_id":null b)"}});
  const Json event = Json::parse(with_sequence_id(events[0].dump(), 7));
  EXPECT_EQ(event["seq_id"], 7);
  EXPECT_EQ(event["content"], R"(a "seq_id":null b)");
  const std::string stop = stop_reason_event("end_turn");
  EXPECT_EQ(with_sequence_id(stop, 7), stop);
}

}  // namespace
}  // namespace reverie
